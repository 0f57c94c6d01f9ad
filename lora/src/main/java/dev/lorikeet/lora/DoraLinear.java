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
public final class DoraLinear implements AdaptedProjection {
    private final String path;
    private final Linear base;
    private final LoraDelta delta;
    private final Dora dora;

    DoraLinear(String path, Linear base, LoraDelta delta) {
        this.path = path;
        this.base = base;
        this.delta = delta;
        this.dora = (Dora) delta.extra();
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public Linear base() {
        return base;
    }

    @Override
    public List<LoraDelta> deltas() {
        return List.of(delta);
    }

    @Override
    public Activation forward(Tape tape, Variable x) {
        try (Frame frame = tape.frame()) {
            Variable kept = Dropout.apply(tape, x, delta.dropout());
            Activation direction = delta.addToDropped(tape, product(tape, kept, null), kept);        // (N, out)
            Tensor rstd = dora.inverseNorms(tape, delta, base.weight().value(), base.order());
            if (kept == x) {
                return frame.keep(Magnitude.apply(tape, direction, dora.magnitude(), rstd, base.bias()));
            }
            Activation rest = product(tape, Add.apply(tape, x, -1, kept), base.bias());              // (N, out)
            return frame.keep(Add.apply(
                    tape, rest, Magnitude.apply(tape, direction, dora.magnitude(), rstd, null)));
        }
    }

    private Activation product(Tape tape, Variable x, Variable bias) {
        return dev.lorikeet.autograd.op.Linear.apply(tape, x, base.weight(), bias, base.order());
    }
}
