package dev.lorikeet.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Numbers of tests in host memory: from doubles to the bytes of any element type and back. Knows nothing of kernels.
public final class HostNumbers {
    private static final byte UNTOUCHED = (byte) 0xFF;   // NaN in every floating-point type, −1 as an index

    private HostNumbers() {}

    /// The numbers as `dtype` holds them; those for integers must be in range.
    public static double[] rounded(double[] values, DType dtype) {
        double[] rounded = values.clone();
        for (int i = 0; i < values.length; i++) {
            rounded[i] = switch (dtype) {
                case F64 -> values[i];
                case F32 -> (float) values[i];
                case BF16 -> HalfPrecision.fromBf16(HalfPrecision.toBf16(values[i]));
                case F16 -> HalfPrecision.fromF16(HalfPrecision.toF16(values[i]));
                case I64, I32, I16, I8, U8, BOOL -> Math.rint(values[i]);
            };
        }
        return rounded;
    }

    /// A new tensor of `backend` with these numbers, row by row.
    public static Tensor upload(Backend backend, DType dtype, Shape shape, double... values) {
        if (values.length != shape.size()) {
            throw new IllegalArgumentException("%d numbers for shape %s".formatted(values.length, shape));
        }
        Tensor tensor = backend.allocate(dtype, shape);
        try (Arena arena = Arena.ofConfined()) {
            backend.upload(tensor, image(arena, tensor, values));
        }
        return tensor;
    }

    /// The numbers of a contiguous tensor, row by row.
    public static double[] download(Backend backend, Tensor tensor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(tensor.bytes(), 8);
            backend.download(bytes, tensor);
            double[] values = new double[Math.toIntExact(tensor.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = get(bytes, tensor.dtype(), i);
            }
            return values;
        }
    }

    /// The bytes of `tensor`'s whole storage: its elements are `values`, row by row, all else is untouched ground.
    static MemorySegment image(Arena arena, Tensor tensor, double[] values) {
        MemorySegment image = arena.allocate(tensor.storage().bytes(), 64).fill(UNTOUCHED);
        for (int i = 0; i < values.length; i++) {
            set(image, tensor.dtype(), position(tensor, i), values[i]);
        }
        return image;
    }

    /// The elements of `tensor`, row by row, out of the bytes of its whole storage.
    static double[] values(Tensor tensor, MemorySegment image) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(image, tensor.dtype(), position(tensor, i));
        }
        return values;
    }

    /// The storage element where a kernel wrote though it must not: anywhere in an input, outside the elements of an
    /// output; −1 if there is none.
    static long firstForbiddenChange(Operand operand, MemorySegment before, MemorySegment now) {
        Tensor tensor = operand.tested();
        long size = tensor.dtype().bytes();
        long from = 0;
        for (int row = 0; row < tensor.rows() && operand.written(); row++) {
            long start = (tensor.offset() + (long) row * tensor.rowStride()) * size;
            long change = MemorySegment.mismatch(before, from, start, now, from, start);
            if (change >= 0) {
                return (from + change) / size;
            }
            from = start + tensor.cols() * size;
        }
        long change = MemorySegment.mismatch(before, from, before.byteSize(), now, from, now.byteSize());
        return change < 0 ? -1 : (from + change) / size;
    }

    static double rootMeanSquare(double[] values) {
        double sum = 0;
        int count = 0;
        for (double value : values) {
            if (Double.isFinite(value)) {
                sum += value * value;
                count++;
            }
        }
        return count == 0 ? 0 : Math.sqrt(sum / count);
    }

    private static long position(Tensor tensor, int i) {
        return tensor.offset() + (long) (i / tensor.cols()) * tensor.rowStride() + i % tensor.cols();
    }

    private static double get(MemorySegment bytes, DType dtype, long i) {
        return switch (dtype) {
            case F64 -> bytes.getAtIndex(JAVA_DOUBLE, i);
            case F32 -> bytes.getAtIndex(JAVA_FLOAT, i);
            case BF16 -> HalfPrecision.fromBf16(bytes.getAtIndex(JAVA_SHORT, i));
            case F16 -> HalfPrecision.fromF16(bytes.getAtIndex(JAVA_SHORT, i));
            case I64 -> bytes.getAtIndex(JAVA_LONG, i);
            case I32 -> bytes.getAtIndex(JAVA_INT, i);
            case I16 -> bytes.getAtIndex(JAVA_SHORT, i);
            case I8, BOOL -> bytes.get(JAVA_BYTE, i);
            case U8 -> Byte.toUnsignedInt(bytes.get(JAVA_BYTE, i));
        };
    }

    private static void set(MemorySegment bytes, DType dtype, long i, double value) {
        switch (dtype) {
            case F64 -> bytes.setAtIndex(JAVA_DOUBLE, i, value);
            case F32 -> bytes.setAtIndex(JAVA_FLOAT, i, (float) value);
            case BF16 -> bytes.setAtIndex(JAVA_SHORT, i, HalfPrecision.toBf16(value));
            case F16 -> bytes.setAtIndex(JAVA_SHORT, i, HalfPrecision.toF16(value));
            case I64 -> bytes.setAtIndex(JAVA_LONG, i, (long) value);
            case I32 -> bytes.setAtIndex(JAVA_INT, i, (int) value);
            case I16 -> bytes.setAtIndex(JAVA_SHORT, i, (short) value);
            case I8, U8, BOOL -> bytes.set(JAVA_BYTE, i, (byte) (int) value);
        }
    }
}
