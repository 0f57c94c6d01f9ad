package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.nn.Linear;
import java.util.List;

/// `y = W₀x + (b + Σ s·c) + Σ s·B·A·drop(x)`: a projection with updates some of which have an [OutputBias] c.
///
/// @param path   the projection's path in the model
/// @param base   the projection without adapters
/// @param deltas in the order in which they are added
public record LoraBiasLinear(String path, Linear base, List<LoraDelta> deltas) implements AdaptedProjection {
    public LoraBiasLinear {
        deltas = List.copyOf(deltas);
    }

    @Override
    public Activation forward(Tape tape, Variable x) {
        try (Frame frame = tape.frame()) {
            Variable bias = base.bias();
            for (LoraDelta delta : deltas) {
                Weight c = delta.extra().outputBias().orElse(null);
                bias = c == null ? bias : Add.apply(tape, bias, delta.scale(), c);                   // (out)
            }
            Activation y = base.product(tape, x, bias);                                              // (N, out)
            for (LoraDelta delta : deltas) {
                y = delta.addTo(tape, y, x);
            }
            return frame.keep(y);
        }
    }
}
