package dev.lorikeet.nn;

import dev.lorikeet.tensor.DType;

/// How the frozen matrices of a base model are kept in memory. Products widen them while they read them, so that a
/// narrower type costs precision once, when it is rounded to, and saves memory and the time to read it.
///
/// Vectors (biases, weights of layer norms) are kept in the compute type always.
public enum BaseDType {
    /// As the checkpoint has them. The backend may lay F32 out for its products; narrower types are mapped, not
    /// copied.
    STORED,
    /// Four bytes.
    F32,
    /// Two bytes: an F32 cut to 8 bits of precision, same range.
    BF16,
    /// Two bytes: 11 bits of precision; numbers above 65504 are refused.
    F16,
    /// One byte and a factor per output channel, see [dev.lorikeet.tensor.Int8]. Matrices of products only; tables that
    /// are only looked up in stay as they are stored.
    INT8;

    /// The element type that a matrix stored as `stored` is kept in.
    DType of(DType stored) {
        return switch (this) {
            case STORED -> stored;
            case F32 -> DType.F32;
            case BF16 -> DType.BF16;
            case F16 -> DType.F16;
            case INT8 -> DType.I8;
        };
    }
}
