package dev.lorikeet.tensor;

/// Factors of an I8 matrix whose integers stand for numbers: element `(i, j)` is worth its integer times `values[i]`,
/// or times `values[j]`. One factor belongs to one output channel of a frozen projection, so that a channel with large
/// weights does not cost the others their precision; see [Int8].
///
/// @param values F32 `(rows)` or `(cols)`, contiguous
/// @param ofRows whether a row has a factor, or a column
public record Scales(Tensor values, boolean ofRows) {
    public Scales {
        if (values.dtype() != DType.F32 || values.shape().rank() != 1) {
            throw new IllegalArgumentException("scales are F32 vectors, were " + values);
        }
    }

    /// Those of rows `from` to `to − 1`.
    Scales rows(int from, int to) {
        return ofRows ? new Scales(values.cols(from, to), true) : this;
    }

    /// Those of columns `from` to `to − 1`.
    Scales cols(int from, int to) {
        return ofRows ? this : new Scales(values.cols(from, to), false);
    }

    void check(DType dtype, Shape shape) {
        int needed = ofRows ? shape.rows() : shape.cols();
        if (dtype != DType.I8 || values.size() != needed) {
            throw new IllegalArgumentException("%s %s cannot have %d scales of %s: that takes I8 and %d"
                    .formatted(dtype, shape, values.size(), ofRows ? "rows" : "columns", needed));
        }
    }
}
