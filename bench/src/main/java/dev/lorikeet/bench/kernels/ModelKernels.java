package dev.lorikeet.bench.kernels;

import static dev.lorikeet.bench.kernels.KernelRow.made;
import static dev.lorikeet.bench.kernels.KernelRow.of;

import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/// Every kernel that a training step of one model runs between its large products, at the sizes that it has there. What
/// such a step does not run, [OtherKernels] has.
///
/// @param sequences  of a batch
/// @param length     tokens of each
/// @param width      of the model, C
/// @param heads      of its attention
/// @param vocabulary tokens that it predicts; 0 if it predicts none and attends in both directions
/// @param rank       of its adapters
public record ModelKernels(int sequences, int length, int width, int heads, int vocabulary, int rank) {
    /// All of them.
    public List<KernelRow> rows() {
        return Stream.of(rowWise(), attention(), lowRank(), losses()).flatMap(List::stream).toList();
    }

    private int tokens() {
        return sequences * length;
    }

    private List<KernelRow> rowWise() {
        int n = tokens();
        int large = 4 * width;
        return List.of(
                of(KernelCase.layerNorm(n, width), false), of(KernelCase.layerNormBackward(n, width), false),
                of(KernelCase.gelu(n, large), false), of(KernelCase.geluBackward(n, large), false),
                of(KernelCase.dropout(n, width), false), of(KernelCase.adam(2 * 12 * rank, width), false),
                rowWise("bias", n, large, 8, (y, x, v) -> k -> k.addBias(y, x, v)),
                rowWise("residual", n, width, 12, (y, x, v) -> k -> k.axpby(y, 1, x, 1)),
                rowWise("sum of rows", n, width, 4, (y, x, v) -> k -> k.sumRows(v, x, 0)),
                gather(n), scatter(n), toBf16(n, large));
    }

    private interface RowWise {
        KernelRow.Call of(Tensor y, Tensor x, Tensor vector);
    }

    private static KernelRow rowWise(String name, int rows, int cols, double bytes, RowWise call) {
        return made("%s %dx%d".formatted(name, rows, cols), Work.of(0, bytes * rows * cols), false,
                backend -> call.of(KernelCase.random(backend, 3, rows, cols),
                        KernelCase.random(backend, 1, rows, cols), KernelCase.random(backend, 2, cols)));
    }

    private KernelRow gather(int n) {
        int table = Math.max(vocabulary, 1000);
        return made("gather %dx%d of %d".formatted(n, width, table), Work.of(0, 8.0 * n * width), false, backend -> {
            Tensor to = KernelCase.empty(backend, n, width);
            Tensor from = KernelCase.random(backend, 1, table, width);
            Tensor ids = KernelCase.labels(backend, n, table);
            return k -> k.gatherRows(to, from, ids, 0);
        });
    }

    private KernelRow scatter(int n) {
        int table = 1000;
        return made("scatter %dx%d into %d".formatted(n, width, table), Work.of(0, 4.0 * width * (n + table)), false,
                backend -> {
                    Tensor into = KernelCase.empty(backend, table, width);
                    Tensor dy = KernelCase.random(backend, 1, n, width);
                    Tensor ids = KernelCase.labels(backend, n, table);
                    return k -> k.scatterAddRows(into, dy, ids, 0);
                });
    }

    private static KernelRow toBf16(int rows, int cols) {
        return made("to bf16 %dx%d".formatted(rows, cols), Work.of(0, 6.0 * rows * cols), false, backend -> {
            Tensor to = backend.allocate(DType.BF16, Shape.of(rows, cols));
            Tensor from = KernelCase.random(backend, 1, rows, cols);
            return k -> k.copy(to, from);
        });
    }

    private List<KernelRow> attention() {
        int d = width / heads;
        return vocabulary > 0
                ? List.of(of(KernelCase.attention(sequences, length, heads, d), true),
                        of(KernelCase.attentionBoth(sequences, length, heads, d), true))
                : List.of(of(KernelCase.fullAttentionBoth(sequences, length, heads, d), true));
    }

    /// The four products of a low-rank delta that have kernels of their own: `h = x·Aᵀ`, `y += h·Bᵀ`, `dh = dy·B`,
    /// `dx += dh·A`. Their flops are few: memory decides.
    private List<KernelRow> lowRank() {
        int n = tokens();
        double down = 4.0 * (n * (double) width + n * rank + rank * width);
        double up = down + 4.0 * n * width;
        return List.of(
                lowRankCase("shrink x A'", down, (h, x, a) -> k -> k.gemm(h, x, false, a, true, 1, 0), true),
                lowRankCase("expand h B'", up, (h, x, a) -> k -> k.gemm(x, h, false, a, true, 1, 1), false),
                lowRankCase("shrink dy B", down, (h, x, a) -> k -> k.gemm(h, x, false, a, false, 1, 0), false),
                lowRankCase("expand dh A", up, (h, x, a) -> k -> k.gemm(x, h, false, a, false, 1, 1), true));
    }

    private KernelRow lowRankCase(String name, double bytes, RowWise call, boolean rankRows) {
        int n = tokens();
        return made("%s %dx%d r=%d".formatted(name, n, width, rank), Work.of(0, bytes), false, backend -> call.of(
                KernelCase.random(backend, 3, n, rank), KernelCase.random(backend, 1, n, width),
                rankRows ? KernelCase.random(backend, 2, rank, width) : KernelCase.random(backend, 2, width, rank)));
    }

    private List<KernelRow> losses() {
        return vocabulary == 0
                ? List.of()
                : List.of(of(KernelCase.crossEntropy(Math.min(tokens(), 1024), vocabulary), false),
                        of(KernelCase.head(tokens(), width, vocabulary), true));
    }
}
