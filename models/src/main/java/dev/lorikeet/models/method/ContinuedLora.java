package dev.lorikeet.models.method;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import java.nio.file.Path;
import java.util.List;

/// [Lora] from an adapter that was trained before, perhaps for another task. Rank, α, targets and variant are those of
/// the file; a head of other classes starts anew.
///
/// @param adapter   a PEFT directory or a loralib checkpoint
/// @param plusRatio as in [Lora]
public record ContinuedLora(Path adapter, double plusRatio) implements Method {
    @Override
    public <M> Tuned<M> apply(Tunable<M> model, long seed) {
        StoredAdapter start =
                model.fit().apply(AdapterFiles.open(adapter, new LoralibOptions(null, null, List.of())));
        return TunedAdapter.over(model, LoraAdapter.continued(start, model.store(), seed), plusRatio);
    }
}
