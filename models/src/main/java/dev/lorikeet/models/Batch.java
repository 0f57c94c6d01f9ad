package dev.lorikeet.models;

/// What goes through a model at once: a ragged set of sequences, some of which (or of whose tokens) have a label.
public interface Batch {
    /// Number of tokens of all sequences.
    int tokens();

    /// Number of labels: the loss of a window of batches is a mean over them.
    int labelled();

    /// What decides which work a batch is, but for the numbers in it: batches of equal shape ask a device for the same
    /// kernels on memory of the same size.
    Object shape();
}
