package dev.lorikeet.lora;

import dev.lorikeet.nn.Linear;
import dev.lorikeet.nn.Projection;
import java.util.List;
import java.util.stream.Stream;

/// A projection with updates, of one kind or another.
public sealed interface AdaptedProjection extends Projection permits LoraLinear, LoraBiasLinear, DoraLinear {
    /// The projection's path in the model.
    String path();

    /// The projection without adapters.
    Linear base();

    /// Its updates, in the order in which they are added, what [Pissa] takes out of the base among them.
    List<LoraDelta> deltas();

    /// The projection at `path` with these updates.
    ///
    /// @throws AdapterMismatch if they cannot be active together
    static AdaptedProjection of(String path, Linear base, List<LoraDelta> deltas) {
        Dora.requireAlone(path, deltas);
        if (deltas.getFirst().extra() instanceof Dora) {
            return new DoraLinear(path, base, deltas.getFirst());
        }
        List<LoraDelta> all = deltas.stream().flatMap(delta -> delta.extra() instanceof Pissa(LoraDelta start)
                ? Stream.of(delta, start)
                : Stream.of(delta)).toList();
        return all.stream().anyMatch(delta -> delta.extra() instanceof OutputBias)
                ? new LoraBiasLinear(path, base, all)
                : new LoraLinear(path, base, all);
    }
}
