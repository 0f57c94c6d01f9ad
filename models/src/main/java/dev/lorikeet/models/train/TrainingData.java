package dev.lorikeet.models.train;

import dev.lorikeet.models.batch.Batch;
import java.util.List;
import java.util.function.Function;

/// Training examples, addressed by optimizer step so that a resumed run sees what an uninterrupted one would have seen.
///
/// @param <B> the kind of batch
@FunctionalInterface
public interface TrainingData<B extends Batch<B>> {
    /// The micro-batches of step `step`, counted from 0; a pure function of `step`.
    List<B> window(long step);

    /// The same data with each micro-batch in parts, computed one after the other: the same gradients up to rounding,
    /// in the memory of one part.
    ///
    /// @param parts such as `batch -> batch.split(1024)`
    default TrainingData<B> split(Function<B, List<B>> parts) {
        return step -> window(step).stream().flatMap(batch -> parts.apply(batch).stream()).toList();
    }
}
