package dev.lorikeet.cuda;

import dev.lorikeet.cuda.Stream.Scratch;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Sums and the largest of a row: `reductions.cu`.
final class Reductions {
    private static final String SOURCE = "reductions";
    private static final Kernel SUM = new Kernel(SOURCE, "sum_partials");
    private static final Kernel SUM_SQUARES = new Kernel(SOURCE, "sum_squares_partials");
    private static final Kernel TOTAL_F32 = new Kernel(SOURCE, "sum_of_partials_f32");
    private static final Kernel TOTAL_F64 = new Kernel(SOURCE, "sum_of_partials_f64");
    private static final Kernel SUM_ROWS = new Kernel(SOURCE, "sum_rows_partials");
    private static final Kernel LAYER_NORM_WEIGHT = new Kernel(SOURCE, "layer_norm_weight_partials");
    private static final Kernel TOTAL_ROWS = new Kernel(SOURCE, "sum_of_rows");
    private static final Kernel ARGMAX = new Kernel(SOURCE, "argmax_rows");
    /// Blocks that sum one tensor: enough to fill any device, few enough for one block to add up.
    private static final int BLOCKS = 1024;
    private static final int ROWS_OF_SPLIT = 128;
    private static final int SPLITS = 64;

    private final Stream stream;

    Reductions(Stream stream) {
        this.stream = stream;
    }

    void sum(Tensor dst, Tensor src, double alpha) {
        long partials = stream.scratch(Scratch.PARTIALS, 8L * BLOCKS);
        int n = partials(SUM, src, partials);
        stream.arguments().floatsAt(dst).whole(partials).integer(n).twice(alpha);
        stream.launch(TOTAL_F32, 1, 1, Grids.THREADS);
    }

    /// One after the other, so that the host waits for all of them once.
    double sumOfSquares(List<Tensor> all) {
        long partials = stream.scratch(Scratch.PARTIALS, 8L * (BLOCKS + all.size()));
        long results = partials + 8L * BLOCKS;
        for (int i = 0; i < all.size(); i++) {
            int n = partials(SUM_SQUARES, all.get(i), partials);
            stream.arguments().whole(results + 8L * i).whole(partials).integer(n);
            stream.launch(TOTAL_F64, 1, 1, Grids.THREADS);
        }
        double[] sums = new double[all.size()];
        if (sums.length > 0) {
            stream.memory().download(MemorySegment.ofArray(sums), results);
        }
        double sum = 0;
        for (double each : sums) {
            sum += each;
        }
        return sum;
    }

    private int partials(Kernel kernel, Tensor src, long partials) {
        boolean flat = Grids.flat(src, src);
        long x = Math.min(BLOCKS, Grids.acrossRow(flat ? src.size() : src.cols(), 4 * Grids.THREADS));
        long y = flat ? 1 : Math.clamp(src.rows(), 1, Math.max(1, BLOCKS / x));
        stream.arguments().whole(partials).floats(src, flat);
        stream.launch(kernel, x, y, Grids.THREADS);
        return (int) (x * y);
    }

    void sumRows(Tensor dst, Tensor src, double beta) {
        if (dst.size() > 0) {
            Partials partials = Partials.of(stream, src.rows(), src.cols());
            partials.to(stream.arguments()).floats(src);
            partials.launch(SUM_ROWS, dst, beta);
        }
    }

    void layerNormWeightBackward(Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta) {
        if (dweight.size() > 0) {
            Partials partials = Partials.of(stream, x.rows(), x.cols());
            partials.to(stream.arguments()).floats(dy).floats(x).floatsAt(mean).floatsAt(rstd);
            partials.launch(LAYER_NORM_WEIGHT, dweight, beta);
        }
    }

    void argmaxRows(Tensor dst, Tensor src) {
        if (src.size() > 0) {
            stream.arguments().indices(dst).floats(src);
            stream.launch(ARGMAX, Grids.down(src.rows()), 1, Grids.ofRow(src.cols(), Grids.THREADS));
        }
    }

    /// Sums of columns over a share of the rows each.
    private record Partials(Stream stream, long address, int splits, int cols) {
        static Partials of(Stream stream, int rows, int cols) {
            int splits = Math.clamp((rows + ROWS_OF_SPLIT - 1) / ROWS_OF_SPLIT, 1, SPLITS);
            return new Partials(stream, stream.scratch(Scratch.PARTIALS, 4L * splits * cols), splits, cols);
        }

        Arguments to(Arguments arguments) {
            return arguments.matrix(address, cols, splits, cols);
        }

        void launch(Kernel kernel, Tensor dst, double beta) {
            stream.launch(kernel, Grids.across(cols, 32), splits, 256);
            to(stream.arguments().floatsAt(dst)).single(beta);
            stream.launch(TOTAL_ROWS, Grids.across(cols, Grids.THREADS), 1, Grids.THREADS);
        }
    }
}
