package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;

/// The rows of a batch that a head reads: they alone ask, and attend to every row of their sequence.
///
/// @param index       I32 `(M)`, ascending
/// @param perSequence how many of them lie in each sequence, those that only fill them up last
/// @param sequences   of the batch
record SelectedRows(Tensor index, Sequences perSequence, Sequences sequences) implements Attend {
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
        return new SelectedRows(
                tape.ints(rows), Sequences.padded(counts, sequences.realCount(), own), sequences);
    }

    @Override
    public Variable queries(Tape tape, Variable x) {
        return SelectRows.apply(tape, x, index);
    }

    @Override
    public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
        return SelectRows.apply(tape, SelfAttention.apply(tape, qkv, sequences, spec), index);
    }

    @Override
    public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
        return Attention.apply(tape, q, k, v, perSequence, sequences, spec);
    }
}
