package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;

/// The rows of a batch that a head reads.
///
/// @param index       I32 `(M)`, ascending
/// @param perSequence how many of them lie in each sequence, those that only fill them up last
record SelectedRows(Tensor index, Sequences perSequence) {
    /// @param rows ascending
    /// @param own  how many of them, from the first on, are not there to fill the others up
    static SelectedRows of(Tape tape, int[] rows, int own, Sequences sequences) {
        int[] counts = new int[sequences.count()];
        int s = 0;
        for (int row : rows) {
            while (row >= sequences.start(s) + sequences.length(s)) {
                s++;
            }
            counts[s]++;
        }
        return new SelectedRows(tape.ints(rows), Sequences.padded(counts, sequences.realCount(), own));
    }
}
