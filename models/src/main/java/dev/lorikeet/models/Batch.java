package dev.lorikeet.models;

/// What goes through a model at once: a ragged set of sequences, some of which (or of whose tokens) have a label.
public interface Batch {
    /// Number of tokens of all sequences.
    int tokens();

    /// Number of labels: the loss of a window of batches is a mean over them.
    int labelled();
}
