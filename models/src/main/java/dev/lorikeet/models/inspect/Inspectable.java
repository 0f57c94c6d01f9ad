package dev.lorikeet.models.inspect;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Pool;
import java.util.List;

/// A model that shows what it computes on the way.
public interface Inspectable {
    /// What each part of the stack computes, `(N, C)` each, as Hugging Face numbers it: entry 0 is what goes into the
    /// first block.
    List<? extends Variable> hiddenStates(Tape tape, TokenBatch batch);

    /// A forward pass with everything in it in view, slower than the others and without gradients. Its hidden states
    /// are those of [#hiddenStates].
    ///
    /// @param pool the memory that `tape` uses
    /// @param seen for each row whether others may attend to it; false for padding, which itself attends to the rows
    ///             that its text would let it see, as in libraries that pad
    Inspection inspect(Pool pool, Tape tape, TokenBatch batch, boolean[] seen);

    /// Heads and causality of the attention.
    AttentionSpec attention();
}
