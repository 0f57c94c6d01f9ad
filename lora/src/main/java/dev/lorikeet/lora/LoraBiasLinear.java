package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.nn.Linear;
import java.util.List;

/// `y = W₀x + (b + Σ s·c) + Σ s·B·A·drop(x)`: a projection with updates some of which have an [OutputBias] c.
public final class LoraBiasLinear implements AdaptedProjection {
    private final String path;
    private final Linear base;
    private final List<LoraDelta> deltas;

    LoraBiasLinear(String path, Linear base, List<LoraDelta> deltas) {
        this.path = path;
        this.base = base;
        this.deltas = List.copyOf(deltas);
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
        return deltas;
    }

    @Override
    public Activation forward(Tape tape, Variable x) {
        try (Frame frame = tape.frame()) {
            Variable bias = base.bias();
            for (LoraDelta delta : deltas) {
                if (delta.extra() instanceof OutputBias(var c)) {
                    bias = Add.apply(tape, bias, delta.scale(), c);                                  // (out)
                }
            }
            Activation y = dev.lorikeet.autograd.op.Linear.apply(
                    tape, x, base.weight(), bias, base.order());                                     // (N, out)
            for (LoraDelta delta : deltas) {
                y = delta.addTo(tape, y, x);
            }
            return frame.keep(y);
        }
    }
}
