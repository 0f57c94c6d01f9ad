package dev.lorikeet.autograd.op;

import static dev.lorikeet.autograd.op.OpCase.dims;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import java.util.ArrayList;
import java.util.List;

/// Matrix products, attention, losses and the low-rank delta.
final class MixingOpCases {
    private static final RandomKey KEY = new RandomKey(11, 5);
    private static final int[] GROUPS = {0, 3, 4, 9};

    private MixingOpCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        products(cases);
        linears(cases);
        selfAttention(cases);
        attention(cases);
        crossEntropies(cases);
        linearCrossEntropies(cases);
        lowRankDeltas(cases);
        return cases;
    }

    private static void products(List<OpCase> cases) {
        for (boolean ta : new boolean[] {false, true}) {
            for (boolean tb : new boolean[] {false, true}) {
                cases.add(OpCase.of(MatMul.class, (ta ? "aᵀ" : "a") + (tb ? "·bᵀ" : "·b"),
                        (tape, in, _) -> MatMul.apply(tape, in[0], ta, in[1], tb),
                        ta ? dims(5, 3) : dims(3, 5), tb ? dims(7, 5) : dims(5, 7)));
                cases.add(OpCase.of(MatMul.class, "of a variable by itself, " + ta + " " + tb,
                        (tape, in, _) -> MatMul.apply(tape, in[0], ta, in[0], tb), dims(3, 3)));
            }
        }
    }

    private static void linears(List<OpCase> cases) {
        for (WeightOrder order : WeightOrder.values()) {
            int[] w = order == WeightOrder.OUT_IN ? dims(7, 5) : dims(5, 7);
            cases.add(OpCase.of(Linear.class, order + " with bias",
                    (tape, in, _) -> Linear.apply(tape, in[0], in[1], in[2], order), dims(3, 5), w, dims(7)));
            cases.add(OpCase.of(Linear.class, order + " without bias, three extents",
                    (tape, in, _) -> Linear.apply(tape, in[0], in[1], null, order), dims(2, 3, 5), w));
            cases.add(OpCase.of(Linear.class, order + " without rows",
                    (tape, in, _) -> Linear.apply(tape, in[0], in[1], in[2], order), dims(0, 5), w, dims(7)));
            cases.add(OpCase.of(Linear.class, order + " twice by one weight",
                    (tape, in, _) -> Linear.apply(
                            tape, Linear.apply(tape, in[0], in[1], in[2], order), in[1], in[2], order),
                    dims(1, 3), dims(3, 3), dims(3)));
        }
    }

    private static void selfAttention(List<OpCase> cases) {
        Sequences ragged = Sequences.of(2, 0, 3, 1);
        for (boolean causal : new boolean[] {true, false}) {
            for (int heads : new int[] {1, 2, 4}) {
                AttentionSpec spec = new AttentionSpec(heads, 0.6, causal);
                cases.add(OpCase.of(SelfAttention.class, heads + " heads, causal " + causal,
                        (tape, in, _) -> SelfAttention.apply(tape, in[0], ragged, spec), dims(6, 12)));
                cases.add(OpCase.of(SelfAttention.class, heads + " heads, causal " + causal + ", dropout",
                        (tape, in, _) -> SelfAttention.apply(tape, in[0], ragged, spec.withDropout(0.4, KEY)),
                        dims(6, 12)));
            }
        }
    }

    private static void attention(List<OpCase> cases) {
        attention(cases, "ragged", Sequences.of(3, 0, 2, 1), Sequences.of(3, 0, 2, 1));
        attention(cases, "more keys than queries", Sequences.of(1, 2), Sequences.of(4, 3));
        attention(cases, "more queries than keys", Sequences.of(3, 2), Sequences.of(1, 2));
        attention(cases, "a sequence without keys", Sequences.of(1, 2), Sequences.of(0, 2));
        Sequences ragged = Sequences.of(1, 3);
        AttentionSpec spec = new AttentionSpec(2, 0.5, true);
        cases.add(OpCase.of(Attention.class, "of a variable to itself",
                (tape, in, _) -> Attention.apply(tape, in[0], in[0], in[0], ragged, ragged, spec), dims(4, 6)));
        cases.add(OpCase.of(Attention.class, "keys are values",
                (tape, in, _) -> Attention.apply(tape, in[0], in[1], in[1], ragged, ragged, spec),
                dims(4, 6), dims(4, 6)));
        cases.add(OpCase.of(Attention.class, "keys were used before",
                (tape, in, _) -> Add.apply(
                        tape, Attention.apply(tape, in[0], in[1], in[2], ragged, ragged, spec), in[1]),
                dims(4, 6), dims(4, 6), dims(4, 6)));
    }

    private static void attention(List<OpCase> cases, String name, Sequences queries, Sequences keys) {
        for (boolean causal : new boolean[] {true, false}) {
            AttentionSpec plain = new AttentionSpec(2, 0.7, causal);
            for (AttentionSpec spec : List.of(plain, plain.withDropout(0.3, KEY))) {
                cases.add(OpCase.of(Attention.class,
                        "%s, causal %b, dropout %.1f".formatted(name, causal, spec.dropout()),
                        (tape, in, _) -> Attention.apply(tape, in[0], in[1], in[2], queries, keys, spec),
                        dims(queries.rows(), 6), dims(keys.rows(), 6), dims(keys.rows(), 6)));
            }
        }
    }

    private static void crossEntropies(List<OpCase> cases) {
        for (double smoothing : new double[] {0, 0.1}) {
            cases.add(OpCase.of(CrossEntropy.class, "smoothing " + smoothing,
                    (tape, in, engine) -> CrossEntropy.apply(tape, in[0], engine.ints(2, -1, 0, 6, -100), smoothing),
                    dims(5, 7)));
            cases.add(OpCase.of(CrossEntropy.class, "one row, smoothing " + smoothing,
                    (tape, in, engine) -> CrossEntropy.apply(tape, in[0], engine.ints(1), smoothing), dims(1, 2)));
        }
    }

    private static void linearCrossEntropies(List<OpCase> cases) {
        for (double smoothing : new double[] {0, 0.2}) {
            for (int chunk : new int[] {1, 2, 3, 100}) {
                String name = "smoothing %.1f, chunks of %d".formatted(smoothing, chunk);
                cases.add(OpCase.of(LinearCrossEntropy.class, name,
                        (tape, in, engine) -> LinearCrossEntropy.apply(
                                tape, in[0], in[1], engine.ints(2, -1, 0, 6, -100), smoothing, 0.3, chunk).loss(),
                        dims(5, 3), dims(7, 3)));
            }
        }
        cases.add(OpCase.of(LinearCrossEntropy.class, "without a label",
                (tape, in, engine) -> LinearCrossEntropy.apply(tape, in[0], in[1], engine.ints(-1, -1), 0, 1).loss(),
                dims(2, 3), dims(5, 3)));
        cases.add(OpCase.of(LinearCrossEntropy.class, "head tied to the embedding",
                (tape, in, engine) -> LinearCrossEntropy.apply(
                        tape, EmbeddingSum.apply(tape, in[0], engine.ints(1, 4, 0, 1)), in[0], engine.ints(4, 0, -1, 2),
                        0.1, 0.25, 3).loss(),
                dims(5, 3)));
        cases.add(OpCase.of(LinearCrossEntropy.class, "rows against themselves",
                (tape, in, engine) -> LinearCrossEntropy.apply(
                        tape, in[0], in[0], engine.ints(0, 1, 2), 0, 1, 2).loss(),
                dims(3, 4)));
    }

    /// All seven choices of some of three groups of columns (3, 1 and 5 wide, the last with a neighbour left out).
    private static void lowRankDeltas(List<OpCase> cases) {
        int in = 5;
        int r = 2;
        for (int mask = 1; mask < 8; mask++) {
            List<ColumnSlice> slices = slices(mask);
            int width = slices.stream().mapToInt(ColumnSlice::width).sum();
            for (double dropout : new double[] {0, 0.4}) {
                cases.add(OpCase.of(LowRankDelta.class, "slices %s, dropout %.1f".formatted(slices, dropout),
                        (tape, v, _) -> LowRankDelta.apply(
                                tape, fresh(tape, v[0]), v[1], v[2], v[3], slices, 1.7, dropout),
                        dims(3, 10), dims(3, in), dims(slices.size() * r, in), dims(width, r)));
            }
        }
        List<ColumnSlice> all = List.of(new ColumnSlice(0, 4));
        for (double dropout : new double[] {0, 0.4}) {
            cases.add(OpCase.of(LowRankDelta.class, "beside the layer it adapts, dropout " + dropout,
                    (tape, v, _) -> LowRankDelta.apply(
                            tape, Linear.apply(tape, v[0], v[1], null, WeightOrder.IN_OUT), v[0], v[2], v[3], all,
                            -0.5, dropout),
                    dims(3, in), dims(in, 4), dims(1, in), dims(4, 1)));
        }
        cases.add(OpCase.of(LowRankDelta.class, "A is B",
                (tape, v, _) -> LowRankDelta.apply(
                        tape, fresh(tape, v[0]), v[1], v[2], v[2], List.of(new ColumnSlice(0, 3)), 1, 0),
                dims(2, 3), dims(2, 3), dims(3, 3)));
    }

    private static List<ColumnSlice> slices(int mask) {
        List<ColumnSlice> slices = new ArrayList<>();
        for (int g = 0; g < 3; g++) {
            if ((mask >> g & 1) == 1) {
                slices.add(new ColumnSlice(GROUPS[g], GROUPS[g + 1]));
            }
        }
        return slices;
    }

    /// The delta works in place, so it needs an activation.
    private static Activation fresh(Tape tape, Variable y) {
        return Scale.apply(tape, y, 1);
    }
}
