package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.AdapterMismatch;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.Downloads;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Kind `gpt2-peft`: a PEFT adapter on a GPT-2. Forward, gradients, training, merging, and the adapter's files, read
/// and written again.
final class Gpt2PeftCase implements CaseKind {
    private static final String PREFIX = "base_model.model.";

    @Override
    public void replay(GoldenCase golden, Pool pool) {
        PeftFiles files = new PeftFiles(golden);
        StoredAdapter stored = files.open();
        Backend backend = pool.backend();
        try (BaseModel base = BaseModel.open(backend, golden.manifest().base());
                LoraAdapter adapter = LoraAdapter.trainable("default", stored, base.store())) {
            AdaptedModel<Gpt2> adapted = adapted(base, adapter);
            files.check(adapter.snapshot());
            PaddedTokens tokens =
                    PaddedTokens.of(golden.input("input_ids"), golden.has("attention_mask")
                            ? golden.input("attention_mask") : null);
            if (golden.has("logits")) {
                new LanguageChecks(golden, pool).logits("logits", "ragged", adapted.model(), tokens);
            }
            new InsideChecks(golden, pool).check(adapted.model(), tokens);
            modules(golden, adapter);
            merged(golden, pool, base, adapted, tokens);
            training(golden, pool, adapter, adapted.model(), tokens);
        }
    }

    /// The files are well formed, so an adapter that does not fit is one that is not built yet.
    private static AdaptedModel<Gpt2> adapted(BaseModel base, LoraAdapter adapter) {
        try {
            return base.adapted(base.config(), List.of(adapter));
        } catch (AdapterMismatch mismatch) {
            throw new NotReplayed(mismatch.getMessage());
        }
    }

    /// Everything trainable under the names that PEFT gives it in files.
    private static Map<String, Trainable> trained(LoraAdapter adapter) {
        Map<String, Trainable> trained = new LinkedHashMap<>();
        for (LoraDelta delta : adapter.deltas()) {
            trained.put(PREFIX + delta.path() + ".lora_A.weight", (Trainable) delta.a());
            trained.put(PREFIX + delta.path() + ".lora_B.weight", (Trainable) delta.b());
        }
        adapter.saved().forEach((path, weight) -> trained.put(PREFIX + path, (Trainable) weight));
        return trained;
    }

    /// What the manifest says about ranks, scales and sizes.
    private static void modules(GoldenCase golden, LoraAdapter adapter) {
        JsonNode modules = golden.manifest().get("lora_modules");
        for (LoraDelta delta : adapter.deltas()) {
            JsonNode module = modules.path(delta.path());
            if (module.isObject()) {
                golden.checkNumbers(
                        "lora_modules/" + delta.path(),
                        new double[] {
                            module.path("r").doubleValue(), module.path("lora_alpha").doubleValue(),
                            module.path("scaling").doubleValue()
                        },
                        new double[] {delta.rank(), adapter.config().alphaFor(delta.path()), delta.scale()}, 1e-12);
            }
        }
        if (modules.isObject()) {
            golden.fact("lora_modules", modules.size() == adapter.deltas().size(), "%d expected, %d adapted".formatted(
                    modules.size(), adapter.deltas().size()));
        }
        JsonNode parameters = golden.manifest().get("trainable_parameters");
        if (parameters.isObject()) {
            Map<String, Trainable> trained = trained(adapter);
            boolean same = parameters.size() == trained.size() && parameters.properties().stream().allMatch(
                    entry -> trained.containsKey(entry.getKey()) && List.of(trained.get(entry.getKey()).shape())
                            .equals(List.of(Shape.of(Manifest.ints(entry.getValue())))));
            golden.fact("trainable_parameters", same, same ? "" : "trained are " + trained.values());
        }
        if (golden.manifest().get("trainable_count").isNumber()) {
            golden.checkNumbers(
                    "trainable_count", new double[] {golden.manifest().get("trainable_count").doubleValue()},
                    new double[] {adapter.parameterCount()}, 0);
        }
    }

    private static void merged(
            GoldenCase golden, Pool pool, BaseModel base, AdaptedModel<Gpt2> adapted, PaddedTokens tokens) {
        try (MergedWeights merged = Merge.of(adapted, base.store(), MergeOptions.defaults())) {
            merged.weights().forEach((path, weight) -> merged(golden, pool, path, weight));
            if (golden.has("merged_logits")) {
                Gpt2 model = base.model(base.config(), merged, Projections.plain());
                new LanguageChecks(golden, pool).logits("merged_logits", "", model, tokens);
            }
        }
    }

    /// Compares one merged weight.
    static void merged(GoldenCase golden, Pool pool, String path, Weight weight) {
        String tensor = "merged/" + path;
        if (golden.has(tensor)) {
            golden.check(tensor, Downloads.doubles(pool.backend(), weight.value()));
        } else {
            golden.fact(tensor, false, "was merged, but no change of it is expected");
        }
    }

    private static void training(
            GoldenCase golden, Pool pool, LoraAdapter adapter, Gpt2 model, PaddedTokens tokens) {
        if (!golden.has("labels")) {
            return;
        }
        LanguageChecks checks = new LanguageChecks(golden, pool);
        LanguageChecks.Objective objective = LanguageChecks.Objective.mean(tokens, golden.input("labels"));
        if (golden.hasScalar("loss")) {
            golden.checkScalar("loss", checks.loss(model, objective));
        }
        checks.gradients("grad/", model, objective, trained(adapter));
        if (golden.manifest().get("training").isObject()) {
            checks.training("", model, objective, trained(adapter), TrainingPlan.of(golden, false));
        }
    }
}
