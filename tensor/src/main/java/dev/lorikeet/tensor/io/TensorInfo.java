package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;

/// What a file says about one of its tensors.
///
/// @param name  name in the file
/// @param dtype element type
/// @param shape extents
/// @param begin position in the file of the first byte that the tensor uses
/// @param end   position after its last byte. For a strided view in a pickle the bytes between may belong to others
public record TensorInfo(String name, DType dtype, Shape shape, long begin, long end) {
    /// Bytes of the elements, row after row.
    public long bytes() {
        return shape.size() * dtype.bytes();
    }

    /// The shape of these extents.
    ///
    /// @throws FormatException if an extent, the number of rows or the number of bytes is more than a tensor can have
    static Shape checkedShape(Path file, String name, DType dtype, long[] dims) {
        int[] extents = new int[dims.length];
        long elements = 1;
        long rows = 1;
        try {
            for (int i = 0; i < dims.length; i++) {
                extents[i] = Math.toIntExact(dims[i]);
                elements = Math.multiplyExact(elements, dims[i]);
                rows = i < dims.length - 1 ? Math.multiplyExact(rows, dims[i]) : rows;
            }
            Math.toIntExact(rows);
            Math.multiplyExact(elements, (long) dtype.bytes());
            return Shape.of(extents);
        } catch (ArithmeticException e) {
            throw new FormatException(file, name, "extents and row count below 2^31, size below 2^63 bytes",
                    dtype + " " + Arrays.toString(dims));
        }
    }
}
