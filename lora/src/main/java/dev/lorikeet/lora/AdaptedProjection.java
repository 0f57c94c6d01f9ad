package dev.lorikeet.lora;

import dev.lorikeet.nn.Linear;
import dev.lorikeet.nn.Projection;
import java.util.List;
import java.util.Optional;

/// A projection with updates, of one kind or another.
public sealed interface AdaptedProjection extends Projection permits LoraLinear, LoraBiasLinear, DoraLinear {
    /// The projection's path in the model.
    String path();

    /// The projection without adapters.
    Linear base();

    /// Its updates, in the order in which they are added, what is taken out of the base among them.
    List<LoraDelta> deltas();

    /// The projection at `path` with these updates.
    ///
    /// @throws AdapterMismatch if they cannot be active together
    static AdaptedProjection of(String path, Linear base, List<LoraDelta> deltas) {
        requireAlone(path, deltas);
        List<LoraDelta> all = deltas.stream().flatMap(delta -> delta.extra().updates(delta).stream()).toList();
        return deltas.getFirst().extra().project(path, base, deltas.getFirst()).orElseGet(() ->
                all.stream().anyMatch(delta -> delta.extra().outputBias().isPresent())
                        ? new LoraBiasLinear(path, base, all)
                        : new LoraLinear(path, base, all));
    }

    /// No file says what several updates are together of which one is more than a sum.
    ///
    /// @throws AdapterMismatch if there are
    static void requireAlone(String path, List<LoraDelta> deltas) {
        Optional<String> alone = deltas.stream().flatMap(delta -> delta.extra().alone().stream()).findFirst();
        if (deltas.size() > 1 && alone.isPresent()) {
            throw new AdapterMismatch(("'%s' has %d updates, and one of them is %s, which has to be the only one: "
                    + "merge the others into the base first").formatted(path, deltas.size(), alone.get()));
        }
    }
}
