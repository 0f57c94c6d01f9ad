package dev.lorikeet.bench.kernels;

import static dev.lorikeet.bench.kernels.KernelCase.empty;
import static dev.lorikeet.bench.kernels.KernelCase.labels;
import static dev.lorikeet.bench.kernels.KernelCase.random;
import static dev.lorikeet.bench.kernels.KernelRow.made;
import static dev.lorikeet.bench.kernels.KernelRow.of;

import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/// Every kernel that no step of [ModelKernels] runs: other types, other widths, other functions, generation, what full
/// fine-tuning and analysis need.
///
/// @param tokens rows of most operands
/// @param heads  of attention; most operands have 64 columns for each
public record OtherKernels(int tokens, int heads) {
    private static final RandomKey KEY = new RandomKey(11, 12);
    private static final int LONG = 300;

    /// All of them.
    public List<KernelRow> rows() {
        return Stream.of(moves(), conversions(), indexed(), functions(), elementwise(), sums(), norms(), attention(),
                decoding(), losses()).flatMap(List::stream).toList();
    }

    private int width() {
        return 64 * heads;
    }

    private String name(String what) {
        return "%s %dx%d".formatted(what, tokens, width());
    }

    /// A call whose name says that it is of `tokens` rows and `width` columns, with the bytes for each element.
    private KernelRow row(String what, double bytes, Function<Backend, KernelRow.Call> create) {
        return made(name(what), Work.of(0, bytes * tokens * width()), false, create);
    }

    private Tensor matrix(Backend backend, DType dtype) {
        return backend.allocate(dtype, Shape.of(tokens, width()));
    }

    private Tensor numbers(Backend backend, int stream) {
        return random(backend, stream, tokens, width());
    }

    private Tensor narrowed(Backend backend, DType dtype) {
        Tensor narrow = matrix(backend, dtype);
        backend.kernels().copy(narrow, numbers(backend, 1));
        return narrow;
    }

    private List<KernelRow> moves() {
        List<KernelRow> moves = new ArrayList<>();
        for (DType dtype : List.of(DType.U8, DType.BF16, DType.F32, DType.F64)) {
            moves.add(row("fill " + dtype, dtype.bytes(), backend -> {
                Tensor to = matrix(backend, dtype);
                return k -> k.fill(to, 1);
            }));
        }
        moves.add(copy(DType.F32, 4));
        moves.add(copy(DType.F32, 2));
        moves.add(copy(DType.F32, 1));
        moves.add(copy(DType.BF16, 1));
        moves.add(copy(DType.U8, 1));
        return moves;
    }

    /// Of a slice of columns that leaves out `gap` of them, so that words of no more than so many elements are moved.
    private KernelRow copy(DType dtype, int gap) {
        int cols = width() - gap;
        return made("copy %s %dx%d of %d".formatted(dtype, tokens, cols, width()),
                Work.of(0, 2.0 * dtype.bytes() * tokens * cols), false, backend -> {
                    Tensor to = matrix(backend, dtype).cols(gap, width());
                    Tensor from = matrix(backend, dtype).cols(0, cols);
                    return k -> k.copy(to, from);
                });
    }

    private List<KernelRow> conversions() {
        List<KernelRow> conversions = new ArrayList<>();
        for (DType dtype : List.of(DType.BF16, DType.F16, DType.I8)) {
            conversions.add(row("widen " + dtype, 4 + dtype.bytes(), backend -> {
                Tensor to = empty(backend, tokens, width());
                Tensor from = narrowed(backend, dtype);
                return k -> k.copy(to, from);
            }));
        }
        conversions.add(row("to bf16", 6, backend -> {
            Tensor to = matrix(backend, DType.BF16);
            Tensor from = numbers(backend, 1);
            return k -> k.copy(to, from);
        }));
        conversions.add(row("to f16", 6, backend -> {
            Tensor to = matrix(backend, DType.F16);
            Tensor from = numbers(backend, 1);
            return k -> k.copy(to, from);
        }));
        return conversions;
    }

    private List<KernelRow> indexed() {
        List<KernelRow> indexed = new ArrayList<>();
        for (DType dtype : List.of(DType.BF16, DType.F16, DType.I8)) {
            indexed.add(row("gather " + dtype, 4 + dtype.bytes(), backend -> {
                Tensor to = empty(backend, tokens, width());
                Tensor table = narrowed(backend, dtype);
                Tensor ids = labels(backend, tokens, tokens);
                return k -> k.gatherRows(to, table, ids, 0);
            }));
        }
        indexed.add(made("take %d".formatted(tokens), Work.of(0, 12.0 * tokens), false, backend -> {
            Tensor to = empty(backend, tokens);
            Tensor from = random(backend, 1, tokens);
            Tensor index = labels(backend, tokens, tokens);
            return k -> k.take(to, from, index);
        }));
        indexed.add(made("take backward %d".formatted(tokens), Work.of(0, 16.0 * tokens), false, backend -> {
            Tensor dx = empty(backend, tokens);
            Tensor dy = random(backend, 1, tokens);
            Tensor index = labels(backend, tokens, tokens);
            return k -> k.takeBackward(dx, dy, index, 0);
        }));
        return indexed;
    }

    /// GELU by the hyperbolic tangent is GPT-2's and measured there.
    private List<KernelRow> functions() {
        return Arrays.stream(UnaryFunction.values()).filter(f -> f != UnaryFunction.GELU_TANH).flatMap(f -> {
            String name = f.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            return Stream.of(of(KernelCase.map(name, f, tokens, width()), false),
                    of(KernelCase.mapBackward(name, f, tokens, width()), false));
        }).toList();
    }

    private List<KernelRow> elementwise() {
        return List.of(
                row("uniform", 4, backend -> {
                    Tensor to = empty(backend, tokens, width());
                    return k -> k.uniform(to, -1, 1, KEY);
                }),
                row("normal", 4, backend -> {
                    Tensor to = empty(backend, tokens, width());
                    return k -> k.normal(to, 0, 1, KEY);
                }),
                row("multiply", 12, backend -> {
                    Tensor to = empty(backend, tokens, width());
                    Tensor a = numbers(backend, 1);
                    Tensor b = numbers(backend, 2);
                    return k -> k.multiply(to, a, b, 0);
                }),
                row("scale by", 8, backend -> {
                    Tensor to = empty(backend, tokens, width());
                    Tensor factor = random(backend, 1, 1);
                    Tensor from = numbers(backend, 2);
                    return k -> k.scaleBy(to, factor, from, 0);
                }),
                row("sgd", 20, backend -> {
                    Tensor p = numbers(backend, 1);
                    Tensor g = numbers(backend, 2);
                    Tensor momentum = numbers(backend, 3);
                    SgdStep step = new SgdStep(0.01, 0.9, 0, false, 0, 1, false);
                    return k -> k.sgd(p, g, momentum, step);
                }));
    }

    private List<KernelRow> sums() {
        return List.of(
                row("sum", 4, backend -> {
                    Tensor to = empty(backend, 1);
                    Tensor from = numbers(backend, 1);
                    return k -> k.sum(to, from, 1);
                }),
                row("sum of squares, told to the host", 4, backend -> {
                    Tensor from = numbers(backend, 1);
                    return k -> k.sumOfSquares(from);
                }),
                row("argmax of rows", 4, backend -> {
                    Tensor to = backend.allocate(DType.I32, Shape.of(tokens));
                    Tensor from = numbers(backend, 1);
                    return k -> k.argmaxRows(to, from);
                }));
    }

    /// Layer norm over rows that are too long for the kernels that keep them in registers, and softmax.
    private List<KernelRow> norms() {
        return List.of(
                of(KernelCase.layerNorm(tokens, 1536), false), of(KernelCase.layerNormBackward(tokens, 1536), false),
                of(KernelCase.layerNorm(tokens, 4096), false),
                row("layer norm's weight", 8, backend -> {
                    Tensor dweight = empty(backend, width());
                    Tensor dy = numbers(backend, 1);
                    Tensor x = numbers(backend, 2);
                    Tensor mean = random(backend, 3, tokens);
                    Tensor rstd = random(backend, 4, tokens);
                    return k -> k.layerNormWeightBackward(dweight, dy, x, mean, rstd, 0);
                }),
                of(KernelCase.softmax(tokens, width()), false),
                row("softmax backward", 12, backend -> {
                    Tensor dx = empty(backend, tokens, width());
                    Tensor dy = numbers(backend, 1);
                    Tensor y = numbers(backend, 2);
                    return k -> k.softmaxBackward(dx, dy, y, 0);
                }));
    }

    /// Head sizes that the models do not have, and the row sums of the backward where the outputs were not kept.
    private List<KernelRow> attention() {
        int length = Math.min(512, tokens / 2);
        int sequences = tokens / length;
        List<KernelRow> attention = new ArrayList<>();
        for (int headSize : new int[] {32, 96, 128}) {
            attention.add(of(KernelCase.attentionBothOf(sequences, length, heads, headSize), true));
        }
        for (int headSize : new int[] {32, 64, 96, 128}) {
            attention.add(rowSums(sequences, length, headSize));
        }
        return attention;
    }

    private KernelRow rowSums(int sequences, int length, int headSize) {
        double pairs = heads * sequences * length * (length + 1.0) / 2;
        int cols = heads * headSize;
        return made("attention's row sums d=%d %dx%d".formatted(headSize, sequences, length),
                Work.of(3 * 2 * headSize * pairs, 4.0 * 4 * sequences * length * cols), true, backend -> {
                    int[] lengths = new int[sequences];
                    Arrays.fill(lengths, length);
                    Sequences all = Sequences.of(lengths);
                    AttentionSpec spec = new AttentionSpec(heads, 1 / Math.sqrt(headSize), true);
                    Tensor out = empty(backend, all.rows(), cols);
                    Tensor lse = empty(backend, all.rows(), heads);
                    Tensor delta = empty(backend, all.rows(), heads);
                    Tensor x = random(backend, 1, all.rows(), cols);
                    backend.kernels().attention(out, lse, x, x, x, all, all, spec);
                    return k -> k.attentionBackward(null, null, null, delta, out, null, lse, x, x, x, all, all, spec,
                            0);
                });
    }

    /// One query for each sequence, over keys that fill several blocks.
    private List<KernelRow> decoding() {
        int sequences = Math.max(1, tokens / 512);
        List<KernelRow> decoding = new ArrayList<>();
        for (int headSize : new int[] {32, 64, 128}) {
            double keys = (double) sequences * LONG * heads * headSize;
            decoding.add(made("attention of one query d=%d %dx%d".formatted(headSize, sequences, LONG),
                    Work.of(4 * keys, 8 * keys), false, backend -> {
                        int[] queries = new int[sequences];
                        int[] lengths = new int[sequences];
                        Arrays.fill(queries, 1);
                        Arrays.fill(lengths, LONG);
                        Tensor out = empty(backend, sequences, heads * headSize);
                        Tensor q = random(backend, 1, sequences, heads * headSize);
                        Tensor k = random(backend, 2, sequences * LONG, heads * headSize);
                        Tensor v = random(backend, 3, sequences * LONG, heads * headSize);
                        Sequences of = Sequences.of(queries);
                        Sequences over = Sequences.of(lengths);
                        AttentionSpec spec = new AttentionSpec(heads, 0.125, true);
                        return kernels -> kernels.attention(out, null, q, k, v, of, over, spec);
                    }));
        }
        return decoding;
    }

    /// The gradient of a head that is trained itself.
    private List<KernelRow> losses() {
        int vocabulary = 8 * width();
        int labelled = Math.min(tokens, 1024);
        return List.of(made("head's weight, gradient %dx%dx%d".formatted(labelled, width(), vocabulary),
                Work.of(4.0 * labelled * width() * vocabulary, 4.0 * width() * (2.0 * vocabulary + labelled)), true,
                backend -> {
                    Tensor dw = empty(backend, vocabulary, width());
                    Tensor factor = random(backend, 1, 1);
                    Tensor x = random(backend, 2, labelled, width());
                    Tensor w = random(backend, 3, vocabulary, width());
                    Tensor lse = random(backend, 4, labelled);
                    Tensor ids = labels(backend, labelled, vocabulary);
                    Tensor logits = empty(backend, labelled, vocabulary);
                    return k -> k.linearCrossEntropyWeightBackward(dw, factor, x, w, lse, ids, 0, 1, logits, 0);
                }));
    }
}
