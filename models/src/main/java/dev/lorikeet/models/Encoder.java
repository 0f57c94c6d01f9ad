package dev.lorikeet.models;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.batch.TokenBatch;

/// What heads and embeddings need of a model that turns tokens into rows: every row sees the whole of its sequence.
public interface Encoder {
    /// Width C of the rows.
    int width();

    /// The longest sequence.
    int maxPositions();

    /// The output of the last block for every row of a batch, `(N, C)`.
    Activation forward(Tape tape, TokenBatch batch);

    /// The output of the last block for some rows, `(M, C)`; no others need be computed.
    ///
    /// @param rows      ascending
    /// @param realCount how many of them, from the first on, are not padding
    Activation forward(Tape tape, TokenBatch batch, int[] rows, int realCount);
}
