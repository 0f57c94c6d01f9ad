package dev.lorikeet.models.train;

import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Device;
import java.util.List;
import java.util.OptionalInt;

/// How long, in what portions and how fast to train, before the number of examples is known. [#builder] has the
/// defaults of `lorikeet train`.
///
/// @param length        of the whole run
/// @param batch         sequences of a batch
/// @param accumulate    batches of a step: the same result as one big batch
/// @param tokensAtOnce  tokens of a batch that are computed at once, if the device's own choice will not do: the same
///                      result in the memory of one part
/// @param groupByLength whether a batch gets sequences of about the same length
/// @param lr            peak learning rate
/// @param shape         of the learning rate over time
/// @param warmup        its increase from 0
/// @param weightDecay   per unit of learning rate
/// @param decays        what decays
/// @param clip          largest global gradient norm; 0 does not clip
/// @param smoothing     label smoothing
/// @param evalEvery     from one evaluation to the next; no steps: at the end
/// @param saveEvery     steps from one checkpoint to the next; 0: at the end
/// @param recompute     whether blocks save their input only and compute the rest again in the backward pass
/// @param optimizer     what AdamW does with a gradient
public record TrainingPlan(
        Span length, int batch, int accumulate, OptionalInt tokensAtOnce, boolean groupByLength, double lr, Shape shape,
        Span warmup, double weightDecay, Decays decays, double clip, double smoothing, Span evalEvery, long saveEvery,
        boolean recompute, AdamWConfig optimizer) {
    /// Shapes of the learning rate over time, after the warm-up.
    public enum Shape {
        /// Falls evenly to 0.
        LINEAR,
        /// Falls to 0 as half a cosine.
        COSINE,
        /// Stays.
        CONSTANT;

        Schedule schedule(long warmup, long total) {
            return switch (this) {
                case LINEAR -> Schedule.linear(warmup, total);
                case COSINE -> Schedule.cosine(warmup, total, 0.5);
                case CONSTANT -> Schedule.constant(warmup);
            };
        }
    }

    /// What weight decay acts on.
    public enum Decays {
        /// Everything that is trained.
        ALL,
        /// Matrices, not biases and other vectors: the paper's scripts for GLUE.
        MATRICES
    }

    public TrainingPlan {
        ChoiceException.require(batch >= 1, "batch", ">= 1", batch);
        ChoiceException.require(accumulate >= 1 && accumulate <= Trainer.MOST_MICRO_BATCHES, "accumulate",
                "from 1 to " + Trainer.MOST_MICRO_BATCHES, accumulate);
        ChoiceException.require(tokensAtOnce.orElse(1) >= 1, "tokensAtOnce", ">= 1", tokensAtOnce);
    }

    /// A builder with the defaults.
    public static TrainingPlanBuilder builder() {
        return new TrainingPlanBuilder();
    }

    /// What a run over so many examples is.
    ///
    /// @param seed of the dropout masks
    /// @throws IllegalArgumentException if a number cannot be
    public TrainingSettings settings(int examples, long seed) {
        long batches = Math.ceilDiv(examples, batch);
        long total = length.in(batches, accumulate, 0);
        return new TrainingSettings(total, lr, shape.schedule(warmup.in(batches, accumulate, total), total), clip,
                smoothing, seed, evalEvery.in(batches, accumulate, total), saveEvery, recompute);
    }

    /// The optimizer's groups: what decays and what does not.
    List<ParameterGroup> groups(List<ParameterGroup> groups) {
        return decays == Decays.ALL ? groups
                : groups.stream().flatMap(group -> group.decayingMatrices().stream()).toList();
    }

    /// Tokens to compute at once on a device.
    int tokensAtOnce(Device device) {
        return tokensAtOnce.orElseGet(() -> Trainer.tokensAtOnce(device));
    }
}
