package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;

/// How rows attend to one another: what stands between an attention's input and output projections. A block is one
/// formula, whether its rows are those of a batch, new tokens behind a cache, or padded and masked; this is where they
/// differ.
public interface Attend {
    /// The rows of a block's input that its result has; all, unless the strategy says otherwise.
    ///
    /// @param x `(N, C)`
    /// @return `(M, C)`
    default Variable queries(Tape tape, Variable x) {
        return x;
    }

    /// Attention whose projections are one tensor.
    ///
    /// @param qkv  `(N, 3C)`: queries, keys and values side by side, of every row
    /// @param spec heads, scale, causality, dropout of this step
    /// @return `(M, C)`, of the rows of [#queries]
    Activation attend(Tape tape, Activation qkv, AttentionSpec spec);

    /// Attention with three projections.
    ///
    /// @param q `(M, C)`, of the rows of [#queries] only
    /// @param k `(N, C)`, of every row; v likewise
    /// @return `(M, C)`
    Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec);

    /// `spec` with the dropout of this step: none if there is no probability or the tape is for inference.
    static AttentionSpec dropped(Tape tape, AttentionSpec spec, double dropout) {
        return dropout == 0 ? spec : tape.nextRandom().map(key -> spec.withDropout(dropout, key)).orElse(spec);
    }

    /// Every row attends to the rows of its own sequence.
    static Attend within(Sequences sequences) {
        return new Within(sequences);
    }

    /// Every row attends to the rows of its own sequence, as in any batch of texts.
    record Within(Sequences sequences) implements Attend {
        @Override
        public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
            return SelfAttention.apply(tape, qkv, sequences, spec);
        }

        @Override
        public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
            return Attention.apply(tape, q, k, v, sequences, sequences, spec);
        }
    }
}
