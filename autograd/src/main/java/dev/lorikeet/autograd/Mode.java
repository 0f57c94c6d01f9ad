package dev.lorikeet.autograd;

/// What a [Tape] does with the ops that are declared to it.
enum Mode {
    /// Nothing: no gradient is going to be asked for.
    INFERENCE(false),
    /// Records every op one of whose inputs needs a gradient.
    TRAINING(true),
    /// As [#TRAINING], and blocks are computed again in the backward pass instead of being recorded.
    RECOMPUTING(true),
    /// As [#TRAINING], and ops that are not recorded are remembered, too.
    TRACED(true),
    /// The first computation of a block that is going to be computed again: nothing is recorded, but the weights that
    /// would need a gradient are noted.
    DRY_FORWARD(false);

    private final boolean records;

    Mode(boolean records) {
        this.records = records;
    }

    boolean records() {
        return records;
    }
}
