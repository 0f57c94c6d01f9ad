package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Magnitude;
import dev.lorikeet.nn.Linear;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// `y = g∘(x·Wᵀ + s·x·Aᵀ·Bᵀ) + b` with `g = m/‖W + s·B·A‖`: a projection whose direction is updated by LoRA and whose
/// magnitude is trained by itself; see [Dora].
///
/// Where dropout takes part of x away, only what is left of it goes through the update (PEFT's reading):
/// `y = (x − x′)·Wᵀ + b + g∘(x′·Wᵀ + s·x′·Aᵀ·Bᵀ)`, `x′ = drop(x)`.
///
/// @param path  the projection's path in the model
/// @param base  the projection without adapters
/// @param delta its only update
/// @param dora  what that has beside A and B
public record DoraLinear(String path, Linear base, LoraDelta delta, Dora.Magnitudes dora) implements AdaptedProjection {
    @Override
    public List<LoraDelta> deltas() {
        return List.of(delta);
    }

    @Override
    public Activation forward(Tape tape, Variable x) {
        try (Frame frame = tape.frame()) {
            Variable kept = Dropout.apply(tape, x, delta.dropout());
            Activation direction = delta.addToDropped(tape, base.product(tape, kept, null), kept);        // (N, out)
            Tensor rstd = dora.inverseNorms(tape, delta, base.weight().value(), base.order());
            if (kept == x) {
                return frame.keep(Magnitude.apply(tape, direction, dora.magnitude(), rstd, base.bias()));
            }
            Activation rest = base.product(tape, Add.apply(tape, x, -1, kept), base.bias());              // (N, out)
            return frame.keep(Add.apply(
                    tape, rest, Magnitude.apply(tape, direction, dora.magnitude(), rstd, null)));
        }
    }
}
