package dev.lorikeet.tensor.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HalfPrecision;
import dev.lorikeet.tensor.Scales;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// The numbers of a tensor, read and written as doubles whatever their type: all that the specification kernels know
/// about memory.
///
/// An element of a tensor with scales is its integer times its factor.
///
/// Writing rounds to nearest, ties to even; integers saturate at the ends of their range, `BOOL` becomes 0 or 1.
final class Elements {
    private final MemorySegment segment;
    private final DType dtype;
    private final long start;
    private final long rowStep;
    private final long colStep;
    private final int rows;
    private final int cols;
    private final MemorySegment factors;
    private final long firstFactor;
    private final boolean factorPerRow;

    private Elements(Tensor tensor, boolean transpose) {
        long rowStep = transpose ? 1 : tensor.rowStride();
        long colStep = transpose ? tensor.rowStride() : 1;
        int rows = transpose ? tensor.cols() : tensor.rows();
        int cols = transpose ? tensor.rows() : tensor.cols();
        Scales scales = tensor.scales();
        this.factors = scales == null ? null : scales.values().storage().segment();
        this.firstFactor = scales == null ? 0 : scales.values().offset();
        this.factorPerRow = scales != null && scales.ofRows() != transpose;
        this.segment = tensor.storage().segment();
        this.dtype = tensor.dtype();
        this.start = tensor.offset();
        this.rowStep = rowStep;
        this.colStep = colStep;
        this.rows = rows;
        this.cols = cols;
    }

    /// The two-dimensional view of `tensor`.
    static Elements of(Tensor tensor) {
        return new Elements(tensor, false);
    }

    /// `op(tensor)` of a matrix product: rows and columns exchanged if `transpose`.
    static Elements of(Tensor tensor, boolean transpose) {
        return new Elements(tensor, transpose);
    }

    int rows() {
        return rows;
    }

    int cols() {
        return cols;
    }

    /// Element `(row, col)`.
    double get(int row, int col) {
        double stored = read(start + row * rowStep + col * colStep);
        return factors == null ? stored : stored * factor(factorPerRow ? row : col);
    }

    /// `(row, col) ← value`.
    void set(int row, int col, double value) {
        write(start + row * rowStep + col * colStep, value);
    }

    /// `(row, col) ← beta·(row, col) + value`; with `beta = 0` the old content is not read.
    void blend(int row, int col, double beta, double value) {
        long at = start + row * rowStep + col * colStep;
        write(at, beta == 0 ? value : beta * read(at) + value);
    }

    /// `values ← ` row `row`.
    void row(int row, double[] values) {
        for (int j = 0; j < cols; j++) {
            values[j] = get(row, j);
        }
    }

    /// `values ← ` column `col`.
    void column(int col, double[] values) {
        for (int i = 0; i < rows; i++) {
            values[i] = get(i, col);
        }
    }

    /// Element `i` of a contiguous tensor without scales.
    double get(long i) {
        return read(start + i);
    }

    /// Element `i` of a contiguous tensor `← value`.
    void set(long i, double value) {
        write(start + i, value);
    }

    /// Element `i` of a contiguous tensor as a whole number: an id, a label, an index.
    int index(long i) {
        return (int) read(start + i);
    }

    private double factor(int i) {
        return factors.get(JAVA_FLOAT_UNALIGNED, 4 * (firstFactor + i));
    }

    /// The two common types first: the JIT inlines them into the loops and leaves the rest a call.
    private double read(long at) {
        return switch (dtype) {
            case F32 -> segment.get(JAVA_FLOAT_UNALIGNED, 4 * at);
            case F64 -> segment.get(JAVA_DOUBLE_UNALIGNED, 8 * at);
            default -> readOther(at);
        };
    }

    private double readOther(long at) {
        return switch (dtype) {
            case BF16 -> HalfPrecision.fromBf16(segment.get(JAVA_SHORT_UNALIGNED, 2 * at));
            case F16 -> HalfPrecision.fromF16(segment.get(JAVA_SHORT_UNALIGNED, 2 * at));
            case I64 -> segment.get(JAVA_LONG_UNALIGNED, 8 * at);
            case I32 -> segment.get(JAVA_INT_UNALIGNED, 4 * at);
            case I16 -> segment.get(JAVA_SHORT_UNALIGNED, 2 * at);
            case I8 -> segment.get(JAVA_BYTE, at);
            case U8 -> segment.get(JAVA_BYTE, at) & 0xFF;
            case BOOL -> segment.get(JAVA_BYTE, at) == 0 ? 0 : 1;
            case F32, F64 -> throw new IllegalStateException("read by the caller");
        };
    }

    private void write(long at, double value) {
        switch (dtype) {
            case F32 -> segment.set(JAVA_FLOAT_UNALIGNED, 4 * at, (float) value);
            case F64 -> segment.set(JAVA_DOUBLE_UNALIGNED, 8 * at, value);
            default -> writeOther(at, value);
        }
    }

    private void writeOther(long at, double value) {
        switch (dtype) {
            case BF16 -> segment.set(JAVA_SHORT_UNALIGNED, 2 * at, HalfPrecision.toBf16(value));
            case F16 -> segment.set(JAVA_SHORT_UNALIGNED, 2 * at, HalfPrecision.toF16(value));
            case I64 -> segment.set(JAVA_LONG_UNALIGNED, 8 * at, (long) Math.rint(value));
            case I32 -> segment.set(JAVA_INT_UNALIGNED, 4 * at, (int) Math.rint(value));
            case I16 -> segment.set(JAVA_SHORT_UNALIGNED, 2 * at, (short) whole(value, -32768, 32767));
            case I8 -> segment.set(JAVA_BYTE, at, (byte) whole(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case U8 -> segment.set(JAVA_BYTE, at, (byte) whole(value, 0, 255));
            case BOOL -> segment.set(JAVA_BYTE, at, (byte) (value == 0 ? 0 : 1));
            case F32, F64 -> throw new IllegalStateException("written by the caller");
        }
    }

    private static int whole(double value, int lowest, int highest) {
        return Math.clamp((long) Math.rint(value), lowest, highest);
    }
}
