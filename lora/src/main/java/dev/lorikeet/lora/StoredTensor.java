package dev.lorikeet.lora;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HalfPrecision;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A small tensor in host memory, as an adapter file holds it. It needs no device and nobody has to free it.
///
/// @param dtype element type of the file
/// @param shape extents
/// @param bytes elements row after row, little-endian
public record StoredTensor(DType dtype, Shape shape, MemorySegment bytes) {
    public StoredTensor {
        if (bytes.byteSize() != shape.size() * dtype.bytes()) {
            throw new IllegalArgumentException("%s %s needs %d bytes, there are %d"
                    .formatted(dtype, shape, shape.size() * dtype.bytes(), bytes.byteSize()));
        }
    }

    /// All zero.
    public static StoredTensor zeros(DType dtype, Shape shape) {
        return new StoredTensor(dtype, shape, Arena.ofAuto().allocate(Math.max(1, shape.size() * dtype.bytes()), 64)
                .asSlice(0, shape.size() * dtype.bytes()));
    }

    /// A copy of the bytes.
    public static StoredTensor copyOf(DType dtype, Shape shape, MemorySegment bytes) {
        StoredTensor copy = zeros(dtype, shape);
        MemorySegment.copy(bytes, 0, copy.bytes, 0, bytes.byteSize());
        return copy;
    }

    /// A copy of a tensor on a device.
    public static StoredTensor copyOf(Backend backend, Tensor tensor) {
        StoredTensor copy = zeros(tensor.dtype(), tensor.shape());
        backend.download(copy.bytes, tensor);
        return copy;
    }

    /// A copy of a tensor on a device in the type `compute`, of whatever type and layout the tensor is.
    static StoredTensor widened(Backend backend, DType compute, Tensor tensor) {
        Tensor wide = backend.allocate(compute, tensor.shape());
        backend.kernels().copy(wide, tensor);
        StoredTensor copy = copyOf(backend, wide);
        backend.free(wide.storage());
        return copy;
    }

    /// New memory on a device with these numbers in the type `compute`.
    public Tensor to(Backend backend, DType compute) {
        Tensor uploaded = backend.allocate(dtype, shape);
        backend.upload(uploaded, bytes);
        if (dtype == compute) {
            return uploaded;
        }
        Tensor converted = backend.allocate(compute, shape);
        backend.kernels().copy(converted, uploaded);
        backend.synchronize();
        backend.free(uploaded.storage());
        return converted;
    }

    /// Element `i` of the flattened tensor.
    public double get(long i) {
        return switch (dtype) {
            case F64 -> bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * 8);
            case F32 -> bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * 4);
            case BF16 -> HalfPrecision.fromBf16(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2));
            case F16 -> HalfPrecision.fromF16(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2));
            default -> throw new IllegalStateException("a tensor of an adapter has type " + dtype);
        };
    }

    /// The first element that is NaN or infinite.
    ///
    /// @return its index, −1 if all are finite
    public long firstNonFinite() {
        for (long i = 0; i < shape.size(); i++) {
            if (!Double.isFinite(get(i))) {
                return i;
            }
        }
        return -1;
    }

    /// Stores the number of type [#dtype] that is nearest to `value`, ties to even.
    void set(long i, double value) {
        switch (dtype) {
            case F64 -> bytes.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * 8, value);
            case F32 -> bytes.set(ValueLayout.JAVA_FLOAT_UNALIGNED, i * 4, (float) value);
            case BF16 -> bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2, HalfPrecision.toBf16(value));
            case F16 -> bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2, HalfPrecision.toF16(value));
            default -> throw new IllegalStateException("a tensor of an adapter has type " + dtype);
        }
    }

    /// Copies the block of `rows × cols` elements at `(row, col)` of `from` to `(toRow, toCol)` of this matrix.
    void setBlock(int toRow, int toCol, StoredTensor from, int row, int col, int rows, int cols) {
        long size = dtype.bytes();
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(
                    from.bytes, ((long) (row + i) * from.shape.cols() + col) * size,
                    bytes, ((long) (toRow + i) * shape.cols() + toCol) * size, cols * size);
        }
    }

    @Override
    public String toString() {
        return dtype + " " + shape;
    }
}
