package dev.lorikeet.models.train;

import dev.lorikeet.models.base.Attached;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.tensor.Pool;
import java.util.List;

/// Judges a base model, plain or with adapters, by what a task holds out.
///
/// @param data     the task and its data
/// @param adapters all active at once; none for the base alone
/// @param batch    sequences of a batch
public record FineTuningEvaluation<M, B extends Batch<B>>(
        TaskData<M, B> data, List<Attached.Named> adapters, int batch) {
    /// What was found, and on what.
    ///
    /// @param evaluation the figures
    /// @param heldOut    what the model was judged by
    public record Result(Evaluation evaluation, HeldOutExamples<?> heldOut) {}

    /// @throws IllegalArgumentException               if the model cannot be used for the task, or gives no numbers
    /// @throws dev.lorikeet.models.data.DataException if the data cannot be used
    /// @throws dev.lorikeet.tensor.io.FormatException if the model gives no numbers because a weight is none
    public Result run(BaseModel base, Pool pool) {
        HeldOutExamples<M> heldOut = data.heldOut(base, adapters.stream().map(Attached.Named::stored).toList(), batch);
        try (Attached<M> attached = Attached.of(base, heldOut.architecture(), adapters)) {
            Evaluation evaluation = heldOut.evaluator(pool, attached.model()).evaluate();
            double loss = evaluation.figures().get("loss");
            if (!Double.isFinite(loss)) {
                base.requireFinite();
                throw new IllegalArgumentException("the loss on the held-out data is %s: the model's numbers are too "
                        .formatted(loss) + "large for what it computes in");
            }
            return new Result(evaluation, heldOut);
        }
    }
}
