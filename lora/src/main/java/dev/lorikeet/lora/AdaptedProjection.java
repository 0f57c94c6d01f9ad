package dev.lorikeet.lora;

import dev.lorikeet.nn.Linear;
import dev.lorikeet.nn.Projection;
import java.util.List;

/// A projection with updates, of one kind or another.
public sealed interface AdaptedProjection extends Projection permits LoraLinear, DoraLinear {
    /// The projection's path in the model.
    String path();

    /// The projection without adapters.
    Linear base();

    /// Its updates, in the order in which they are added.
    List<LoraDelta> deltas();

    /// The projection at `path` with these updates.
    ///
    /// @throws AdapterMismatch if they cannot be active together
    static AdaptedProjection of(String path, Linear base, List<LoraDelta> deltas) {
        if (deltas.stream().noneMatch(delta -> delta.extra() instanceof Dora)) {
            return new LoraLinear(path, base, deltas);
        }
        if (deltas.size() > 1) {
            throw new AdapterMismatch(("'%s' has %d updates, and one of them is of direction and magnitude (DoRA), "
                    + "which has to be the only one: merge the others into the base first")
                            .formatted(path, deltas.size()));
        }
        return new DoraLinear(path, base, deltas.getFirst());
    }
}
