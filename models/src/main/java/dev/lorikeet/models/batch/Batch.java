package dev.lorikeet.models.batch;

import java.util.List;

/// What goes through a model at once: a ragged set of sequences, some of which (or of whose tokens) have a label.
///
/// @param <B> the kind of batch
public interface Batch<B extends Batch<B>> {
    /// Number of tokens of all sequences.
    int tokens();

    /// Number of labels: the loss of a window of batches is a mean over them.
    int labelled();

    /// What decides which work a batch is, but for the numbers in it: batches of equal shape that have been
    /// [filled up][#filledUp] ask a device for the same kernels with the same arguments on memory of the same size.
    Object shape();

    /// The same batch with rows behind it that belong to no text and have no label, up to the next of few sizes, so
    /// that batches of a training run have few [shapes][#shape]. Loss and gradients are those of this batch, [#tokens]
    /// and [#labelled] too. See [BatchBuckets].
    B filledUp();

    /// The same sequences in as few batches as have `tokens` tokens at most, each about as large as the others; a
    /// sequence is never cut.
    List<B> split(int tokens);
}
