package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// Updates trainable weights from their gradients.
public interface Optimizer {
    /// One update. Weights without a gradient are left alone, moments included. Gradients are cleared afterwards.
    ///
    /// @param lr        learning rate of this step
    /// @param gradScale factor of every gradient, from [GradientClipping]; 1 for none
    void step(double lr, double gradScale);

    /// The weights that this optimizer updates.
    List<Trainable> weights();

    /// Number of steps made so far.
    long steps();

    /// The state tensors by name (`exp_avg/<weight>` …), for checkpoints; reading them back with [#restore] continues
    /// exactly.
    Map<String, Tensor> state();

    /// Declares that [#state] has been filled with what it was after `steps` steps.
    void restore(long steps);

    /// Bytes of the state.
    default long bytes() {
        return state().values().stream().mapToLong(Tensor::bytes).sum();
    }
}
