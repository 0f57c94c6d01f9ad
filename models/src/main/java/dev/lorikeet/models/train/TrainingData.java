package dev.lorikeet.models.train;

import dev.lorikeet.models.TokenBatch;
import java.util.List;

/// Training examples, addressed by optimizer step so that a resumed run sees what an uninterrupted one would have seen.
public interface TrainingData {
    /// The micro-batches of step `step`, counted from 0; a pure function of `step`.
    List<TokenBatch> window(long step);
}
