package dev.lorikeet.models.gpt2;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.ConfigJson;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.ModelFamily;
import dev.lorikeet.models.text.BytePairVocabulary;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// GPT-2: decoders of Radford et al. 2019.
public final class Gpt2Family implements ModelFamily {
    static final String MODEL_TYPE = "gpt2";

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    /// 124, 355, 774 and 1558 million parameters.
    @Override
    public Set<String> published() {
        return Set.of("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl");
    }

    @Override
    public Gpt2Config published(String name) {
        return Gpt2Config.published(name);
    }

    @Override
    public Gpt2Config read(ConfigJson json) {
        return Gpt2Config.of(json);
    }

    @Override
    public Gpt2Config fresh(FreshModel size) {
        return Gpt2Config.fresh(size);
    }

    @Override
    public List<String> specialTokens() {
        return BytePairVocabulary.GPT2;
    }

    /// PEFT has to know that GPT-2's weights are stored (in, out).
    @Override
    public Optional<StoredAdapter> describe(StoredAdapter adapter) {
        boolean ours = adapter.deltas().keySet().stream().allMatch(path -> path.contains("h."))
                && adapter.deltas().keySet().stream().anyMatch(path -> path.contains(".c_"));
        return ours ? Optional.of(adapter.withAbout(
                new StoredAdapter.About(adapter.about().baseModel(), "CAUSAL_LM", true))) : Optional.empty();
    }
}
