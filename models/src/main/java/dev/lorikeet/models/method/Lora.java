package dev.lorikeet.models.method;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import java.util.List;
import java.util.stream.Stream;

/// Low-rank adaptation (Hu et al. 2021) and its variants: a new adapter, and the task's head as a whole. Saved as a
/// PEFT directory.
///
/// @param config    where the adapter goes and what it is
/// @param plusRatio learning rate of B relative to that of A (LoRA+); 1 is plain LoRA
public record Lora(LoraConfig config, double plusRatio) implements Method {
    /// With one learning rate.
    public static Lora of(LoraConfig config) {
        return new Lora(config, 1);
    }

    /// With one learning rate, and otherwise as [LoraConfig#of].
    public static Lora of(int rank, double alpha, String targets) {
        return of(LoraConfig.of(rank, alpha, targets));
    }

    @Override
    public <M> Tuned<M> apply(Tunable<M> model, long seed) {
        List<String> whole = Stream.concat(config.modulesToSave().stream(), model.heads().stream())
                .distinct().toList();
        LoraConfig withHeads = config.toBuilder().modulesToSave(whole).build();
        return TunedAdapter.over(model, LoraAdapter.fresh(withHeads, model.store(), seed), plusRatio);
    }
}
