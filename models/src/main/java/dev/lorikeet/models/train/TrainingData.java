package dev.lorikeet.models.train;

import dev.lorikeet.models.Batch;
import java.util.List;

/// Training examples, addressed by optimizer step so that a resumed run sees what an uninterrupted one would have seen.
///
/// @param <B> the kind of batch
@FunctionalInterface
public interface TrainingData<B extends Batch> {
    /// The micro-batches of step `step`, counted from 0; a pure function of `step`.
    List<B> window(long step);
}
