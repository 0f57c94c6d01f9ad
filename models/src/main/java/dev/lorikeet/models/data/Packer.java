package dev.lorikeet.models.data;

/// Makes one batch of some examples.
///
/// @param <B> the kind of batch
@FunctionalInterface
public interface Packer<B> {
    /// @param epoch    how often all examples have been seen before; what is drawn anew each time depends on it
    /// @param examples their indices
    B pack(int epoch, int... examples);
}
