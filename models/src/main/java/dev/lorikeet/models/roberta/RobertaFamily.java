package dev.lorikeet.models.roberta;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.ConfigJson;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.ModelFamily;
import dev.lorikeet.models.text.BytePairVocabulary;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// RoBERTa: encoders of Liu et al. 2019.
public final class RobertaFamily implements ModelFamily {
    static final String MODEL_TYPE = "roberta";

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    /// 125 and 355 million parameters.
    @Override
    public Set<String> published() {
        return Set.of("roberta-base", "roberta-large");
    }

    @Override
    public RobertaConfig published(String name) {
        return RobertaConfig.published(name);
    }

    @Override
    public RobertaConfig read(ConfigJson json) {
        return RobertaConfig.of(json);
    }

    @Override
    public RobertaConfig fresh(FreshModel size) {
        return RobertaConfig.fresh(size);
    }

    @Override
    public List<String> specialTokens() {
        return BytePairVocabulary.ROBERTA;
    }

    /// PEFT has to know which modules a classifier trains as a whole.
    @Override
    public Optional<StoredAdapter> describe(StoredAdapter adapter) {
        boolean classifier = adapter.deltas().keySet().stream().allMatch(path -> path.startsWith("roberta."))
                && adapter.saved().keySet().stream().allMatch(path -> path.startsWith("classifier."))
                && !adapter.saved().isEmpty();
        return classifier
                ? Optional.of(adapter
                        .withAbout(new StoredAdapter.About(adapter.about().baseModel(), "SEQ_CLS", false))
                        .withConfig(adapter.config().toBuilder().modulesToSave(RobertaConfig.HEADS).build()))
                : Optional.empty();
    }
}
