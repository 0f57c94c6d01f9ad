package dev.lorikeet.lora.io;

import dev.lorikeet.lora.Targets;
import java.util.List;

/// What a loralib checkpoint does not say itself.
///
/// @param alpha         `lora_alpha` of the training run, or null to take it from the file's sidecar
/// @param targets       which columns fused projections have updates for, or null: two groups are then taken for q and
///                      v and three for q, k and v, which is noted
/// @param modulesToSave modules whose whole weights are wanted from a checkpoint of the entire model
public record LoralibOptions(Double alpha, Targets targets, List<String> modulesToSave) {
    public LoralibOptions {
        modulesToSave = List.copyOf(modulesToSave);
    }

    /// Everything from the file and its sidecar.
    public static LoralibOptions none() {
        return new LoralibOptions(null, null, List.of());
    }

    /// This alpha.
    public static LoralibOptions alpha(double alpha) {
        return new LoralibOptions(alpha, null, List.of());
    }
}
