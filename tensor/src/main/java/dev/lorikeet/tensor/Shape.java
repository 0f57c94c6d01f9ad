package dev.lorikeet.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The extents of a tensor, outermost first. The empty shape is a scalar: one row of one element.
///
/// Everything but the last extent counts *rows*; the last one counts *columns*.
public final class Shape {
    private final int[] dims;

    private Shape(int[] dims) {
        this.dims = dims;
    }

    /// A shape with these extents, each at least 0.
    ///
    /// @throws IllegalArgumentException for a negative extent
    public static Shape of(int... dims) {
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("extents must be >= 0, were " + Arrays.toString(dims));
            }
        }
        return new Shape(dims.clone());
    }

    /// Number of extents.
    public int rank() {
        return dims.length;
    }

    /// Extent `i`; negative `i` counts from the end.
    public int dim(int i) {
        return dims[i < 0 ? dims.length + i : i];
    }

    /// A copy of all extents.
    public int[] dims() {
        return dims.clone();
    }

    /// Number of elements.
    public long size() {
        long size = 1;
        for (int dim : dims) {
            size = Math.multiplyExact(size, dim);
        }
        return size;
    }

    /// Product of all extents but the last; 1 for scalars and vectors.
    public int rows() {
        long rows = 1;
        for (int i = 0; i < dims.length - 1; i++) {
            rows *= dims[i];
        }
        return Math.toIntExact(rows);
    }

    /// The last extent; 1 for a scalar.
    public int cols() {
        return dims.length == 0 ? 1 : dims[dims.length - 1];
    }

    /// This shape with another last extent: `(N, C)` becomes `(N, last)`.
    public Shape withLast(int last) {
        int[] changed = dims.length == 0 ? new int[1] : dims.clone();
        changed[changed.length - 1] = last;
        return of(changed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /// As files and papers write it: `(768, 2304)`.
    @Override
    public String toString() {
        return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
