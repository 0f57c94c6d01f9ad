package dev.lorikeet.tensor;

/// Rows of contiguous numbers: element `(i, j)` of the `(rows, cols)` view is number `offset + i·rowStride + j` of the
/// storage. Leading extents are folded into rows, so a `(B, T, C)` tensor has `B·T` rows of `C` columns.
///
/// A tensor is an immutable description; the numbers it describes are changed by kernels only.
///
/// @param storage   the bytes
/// @param dtype     element type
/// @param shape     extents
/// @param offset    index of the first element, in elements
/// @param rowStride distance between the starts of two rows, in elements; at least `shape.cols()`
/// @param scales    what the integers of a quantised matrix stand for, or null: elements are worth themselves
public record Tensor(Storage storage, DType dtype, Shape shape, long offset, int rowStride, Scales scales) {
    public Tensor {
        long rows = shape.rows();
        long cols = shape.cols();
        if (offset < 0 || (rowStride < cols && rows > 1)) {
            throw new IllegalArgumentException(
                    "offset %d, row stride %d do not fit shape %s".formatted(offset, rowStride, shape));
        }
        if (rows > 0 && cols > 0) {
            long end = Math.multiplyExact(offset + (rows - 1) * rowStride + cols, (long) dtype.bytes());
            if (end > storage.bytes()) {
                throw new IllegalArgumentException("%s %s at element %d needs %d bytes, the storage has %d"
                        .formatted(dtype, shape, offset, end, storage.bytes()));
            }
        }
        if (scales != null) {
            scales.check(dtype, shape);
        }
    }

    /// Elements that are worth themselves.
    public Tensor(Storage storage, DType dtype, Shape shape, long offset, int rowStride) {
        this(storage, dtype, shape, offset, rowStride, null);
    }

    /// The whole storage from its first byte, rows back to back.
    public static Tensor of(Storage storage, DType dtype, Shape shape) {
        return new Tensor(storage, dtype, shape, 0, shape.cols());
    }

    /// Number of rows of the two-dimensional view.
    public int rows() {
        return shape.rows();
    }

    /// Number of columns of the two-dimensional view.
    public int cols() {
        return shape.cols();
    }

    /// Number of elements.
    public long size() {
        return shape.size();
    }

    /// Bytes that the elements take, gaps between rows and scales not counted.
    public long bytes() {
        return size() * dtype.bytes();
    }

    /// Address of element `(0, 0)` on its device.
    public long address() {
        return storage.address() + offset * dtype.bytes();
    }

    /// True if rows follow each other without a gap.
    public boolean isContiguous() {
        return rowStride == cols() || rows() <= 1;
    }

    /// Rows `from` (inclusive) to `to` (exclusive) of the two-dimensional view, sharing the storage.
    public Tensor rows(int from, int to) {
        checkRange("rows", from, to, rows());
        return new Tensor(storage, dtype, Shape.of(to - from, cols()), offset + (long) from * rowStride, rowStride,
                scales == null ? null : scales.rows(from, to));
    }

    /// Columns `from` (inclusive) to `to` (exclusive), sharing the storage.
    public Tensor cols(int from, int to) {
        checkRange("cols", from, to, cols());
        return new Tensor(storage, dtype, shape.withLast(to - from), offset + from, rowStride,
                scales == null ? null : scales.cols(from, to));
    }

    /// The same I8 elements, worth what `scales` says.
    public Tensor withScales(Scales scales) {
        return new Tensor(storage, dtype, shape, offset, rowStride, scales);
    }

    /// The same elements under another shape of equal size.
    ///
    /// @throws ShapeMismatch         if the sizes differ
    /// @throws IllegalStateException if rows have gaps and the row length would change
    public Tensor reshape(Shape other) {
        if (other.size() != size()) {
            throw new ShapeMismatch("reshape", shape, other, "%d and %d elements".formatted(size(), other.size()));
        }
        if (other.cols() == cols()) {
            return new Tensor(storage, dtype, other, offset, rowStride, scales);
        }
        if (!isContiguous()) {
            throw new IllegalStateException("reshape of %s to %s needs contiguous rows".formatted(shape, other));
        }
        return new Tensor(storage, dtype, other, offset, other.cols(), scales);
    }

    /// `dtype shape`, as in `F32 (768, 2304)`.
    @Override
    public String toString() {
        return dtype + " " + shape;
    }

    private static void checkRange(String what, int from, int to, int limit) {
        if (from < 0 || to < from || to > limit) {
            throw new IndexOutOfBoundsException("%s [%d, %d) of %d".formatted(what, from, to, limit));
        }
    }
}
