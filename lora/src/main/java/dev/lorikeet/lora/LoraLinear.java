package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.nn.Linear;
import java.util.List;

/// `y = W₀x + b + Σ s·B·A·drop(x)`: a projection with the updates of all active adapters.
///
/// @param path   the projection's path in the model
/// @param base   the projection without adapters
/// @param deltas in the order in which they are added
public record LoraLinear(String path, Linear base, List<LoraDelta> deltas) implements AdaptedProjection {
    public LoraLinear {
        deltas = List.copyOf(deltas);
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
