package dev.lorikeet.models;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.tensor.Sequences;

/// What training, evaluation and generation need of a model that predicts the next token.
public interface LanguageModel extends TokenPredictor {
    /// Logits of every row of a batch, `(N, V)`.
    Activation logits(Tape tape, TokenBatch batch);

    /// A cache for [#next].
    KeyValueCache cache(int sequences, int capacity);

    /// Logits after the last of the new tokens of each sequence, `(sequences, V)`; the new tokens join the cache.
    ///
    /// @param ids   new tokens of all sequences, at least one per sequence
    /// @param added how many belong to each
    Activation next(Tape tape, int[] ids, Sequences added, KeyValueCache cache);
}
