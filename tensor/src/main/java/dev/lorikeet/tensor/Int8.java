package dev.lorikeet.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Matrices in signed bytes with a factor per output channel: `W[i, j] ≈ s·q[i, j]`, `s = max |W|/127` over the
/// channel, `q = round(W/s)` to nearest, ties to even. The error of an element is at most `s/2`. (Absmax quantisation
/// without zero points, as in Dettmers et al., *LLM.int8()*, 2022, section 2.1.)
///
/// A quarter of the bytes of F32. The factor belongs to a channel and not to the whole matrix so that one large weight
/// coarsens only its own channel; it leaves the sum of a product as a factor, so it costs nothing to apply.
public final class Int8 {
    private static final int LARGEST = 127;
    private static final long CHUNK = 1 << 20;

    private final Backend backend;
    private final Tensor weight;
    private final boolean ofRows;
    private final int rows;
    private final int cols;
    private final float[] scales;
    private double squares;
    private double lostSquares;

    private Int8(Backend backend, Tensor weight, boolean ofRows) {
        this.backend = backend;
        this.weight = weight;
        this.ofRows = ofRows;
        this.rows = weight.rows();
        this.cols = weight.cols();
        this.scales = new float[ofRows ? rows : cols];
    }

    /// Quantises `weight`, F32 and contiguous, on the host.
    ///
    /// @param ofRows whether output channels are rows, `(out, in)`, or columns
    /// @throws IllegalArgumentException for another type, or for numbers that are not finite
    public static Quantized quantise(Backend backend, Tensor weight, boolean ofRows) {
        if (weight.dtype() != DType.F32 || !weight.isContiguous()) {
            throw new IllegalArgumentException("only contiguous F32 can be quantised, was " + weight);
        }
        return new Int8(backend, weight, ofRows).run();
    }

    private interface RowVisitor {
        void visit(int row, float[] numbers);
    }

    private Quantized run() {
        eachRow(this::measure);
        for (int i = 0; i < scales.length; i++) {
            if (!Float.isFinite(scales[i])) {
                throw new IllegalArgumentException("%s %d of %s has numbers that are not finite".formatted(
                        ofRows ? "row" : "column", i, weight));
            }
            scales[i] /= LARGEST;
        }
        Tensor matrix = backend.allocate(DType.I8, weight.shape());
        Tensor factors = backend.allocate(DType.F32, Shape.of(scales.length));
        backend.upload(factors, MemorySegment.ofArray(scales));
        byte[] bytes = new byte[cols];
        eachRow((row, numbers) -> {
            round(row, numbers, bytes);
            backend.upload(matrix.rows(row, row + 1), MemorySegment.ofArray(bytes));
        });
        return new Quantized(matrix.withScales(new Scales(factors, ofRows)), squares, lostSquares);
    }

    private void eachRow(RowVisitor visitor) {
        int chunk = Math.clamp(CHUNK / Math.max(1, cols), 1, Math.max(1, rows));
        float[] numbers = new float[cols];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(4L * chunk * cols, 64);
            for (int from = 0; from < rows; from += chunk) {
                int n = Math.min(chunk, rows - from);
                backend.download(host.asSlice(0, 4L * n * cols), weight.rows(from, from + n));
                for (int i = 0; i < n; i++) {
                    MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 4L * i * cols, numbers, 0, cols);
                    visitor.visit(from + i, numbers);
                }
            }
        }
    }

    /// Notes the largest magnitudes; NaN wins, as `Math.max` has it.
    private void measure(int row, float[] numbers) {
        if (ofRows) {
            float max = 0;
            for (float number : numbers) {
                max = Math.max(max, Math.abs(number));
            }
            scales[row] = max;
        } else {
            for (int j = 0; j < cols; j++) {
                scales[j] = Math.max(scales[j], Math.abs(numbers[j]));
            }
        }
    }

    private void round(int row, float[] numbers, byte[] bytes) {
        double sum = 0;
        double lost = 0;
        for (int j = 0; j < cols; j++) {
            float scale = scales[ofRows ? row : j];
            double q = scale == 0 ? 0 : Math.clamp(Math.rint((double) numbers[j] / scale), -LARGEST, LARGEST);
            bytes[j] = (byte) q;
            double error = q * scale - numbers[j];
            sum += (double) numbers[j] * numbers[j];
            lost += error * error;
        }
        squares += sum;
        lostSquares += lost;
    }
}
