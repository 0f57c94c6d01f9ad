package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.nn.Linear;
import java.util.List;

/// `y = W₀x + b + Σ s·B·A·drop(x)`: a projection with the updates of all active adapters.
public final class LoraLinear implements AdaptedProjection {
    private final String path;
    private final Linear base;
    private final List<LoraDelta> deltas;

    /// @param path   the projection's path in the model
    /// @param deltas one per active adapter, in the order in which they are added
    public LoraLinear(String path, Linear base, List<LoraDelta> deltas) {
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
        Activation y = base.forward(tape, x);                                                        // (N, out)
        for (LoraDelta delta : deltas) {
            y = delta.addTo(tape, y, x);
        }
        return y;
    }
}
