package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.AdapterMismatch;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What cases of all formats compare of a model with an adapter: forward, merging, training, what is trained.
final class AdapterChecks {
    /// How a format's files call what is trained.
    @FunctionalInterface
    interface Names {
        /// Everything that `adapter` trains, by name.
        Map<String, Trainable> trained(LoraAdapter adapter);
    }

    /// A case tells how far off the sums may be, whatever type the base is stored in.
    private static final MergeOptions EXACT = MergeOptions.defaults().into(DType.F32).whateverIsLost();

    private final GoldenCase golden;
    private final Pool pool;
    private final BaseModel base;
    private final LoraAdapter adapter;
    private final Names names;
    private final Architecture<?> architecture;
    private final AdaptedModel<?> adapted;

    /// Builds the model.
    ///
    /// @param adapter trainable, made of `stored`
    AdapterChecks(
            GoldenCase golden, Pool pool, BaseModel base, StoredAdapter stored, LoraAdapter adapter, Names names) {
        this.golden = golden;
        this.pool = pool;
        this.base = base;
        this.adapter = adapter;
        this.names = names;
        this.architecture = base.config().with(List.of(stored)).architecture();
        this.adapted = adapted();
    }

    /// The files are well formed, so an adapter that does not fit is one that is not built yet.
    private AdaptedModel<?> adapted() {
        try {
            return base.adapted(architecture, List.of(adapter));
        } catch (AdapterMismatch mismatch) {
            throw new NotReplayed(mismatch.getMessage());
        }
    }

    /// Everything that does not depend on the format. The adapter is trained in the end.
    void check() {
        Subject subject = Subject.of(golden, pool, adapted.model());
        subject.forward();
        subject.others();
        parameters();
        merged();
        TrainingChecks checks = new TrainingChecks(golden, pool, trained());
        checks.losses(subject.losses());
        subject.trainingLoss().ifPresent(loss -> checks.training("", loss, false));
    }

    /// Everything trainable under the names of the case.
    private Map<String, Trainable> trained() {
        return names.trained(adapter);
    }

    /// What the manifest says about names and sizes.
    private void parameters() {
        var parameters = golden.manifest().get("trainable_parameters");
        if (parameters.isObject()) {
            Map<String, Trainable> trained = trained();
            List<Map.Entry<String, JsonNode>> expected = parameters.properties().stream()
                    .filter(entry -> !isCopy(entry.getKey())).toList();
            boolean same = expected.size() == trained.size() && expected.stream().allMatch(
                    entry -> trained.containsKey(entry.getKey()) && trained.get(entry.getKey()).shape()
                            .equals(Shape.of(Manifest.ints(entry.getValue()))));
            golden.fact("trainable_parameters", same, same ? "" : "trained are " + trained.keySet());
        }
        if (golden.manifest().get("trainable_count").isNumber()) {
            long copies = parameters.properties().stream().filter(entry -> isCopy(entry.getKey()))
                    .mapToLong(entry -> Shape.of(Manifest.ints(entry.getValue())).size()).sum();
            golden.checkNumbers(
                    "trainable_count", new double[] {golden.manifest().get("trainable_count").doubleValue()},
                    new double[] {adapter.parameterCount() + copies}, 0);
        }
    }

    /// PEFT keeps a module's own weights beside the ones that are saved; it calls their biases trained, but nothing
    /// computes with them.
    private static boolean isCopy(String name) {
        return name.contains(".original_module.");
    }

    /// The merged weights, if the case lists any, and the logits of the model made of them.
    private void merged() {
        boolean listed = golden.manifest().tensors().keySet().stream().anyMatch(name -> name.startsWith("merged/"));
        try (MergedWeights merged = Merge.of(adapted, base.store(), EXACT)) {
            if (listed) {
                merged.weights().forEach(this::merged);
                WeightForms.REPEATED.forEach((copy, original) -> {
                    boolean own = merged.weights().containsKey(copy);
                    if (golden.has("merged/" + copy) && !own && merged.weights().containsKey(original)) {
                        merged(copy, merged.weights().get(original));
                    }
                });
            }
            Subject subject = Subject.of(golden, pool, base.model(architecture, merged, Projections.plain()));
            if (golden.has("merged_logits")) {
                subject.logits("merged_logits", "");
            } else if (golden.has("logits")) {
                subject.logits("logits", "merged");
            }
        }
    }

    private void merged(String path, Weight weight) {
        String tensor = "merged/" + path;
        if (golden.has(tensor)) {
            golden.check(tensor, HostValues.doubles(pool.backend(), weight.value()));
        } else {
            String name = base.nameInFile(path);
            boolean tied = !base.checkpoint().names().contains(name) && WeightForms.REPEATED.containsKey(path);
            boolean unchanged = Arrays.equals(
                    HostValues.doubles(pool.backend(), weight.value()),
                    WeightForms.numbers(
                            base.checkpoint(), tied ? base.nameInFile(WeightForms.REPEATED.get(path)) : name));
            golden.fact(tensor, unchanged, unchanged
                    ? "as in the base"
                    : "was merged, but no change of it is expected");
        }
    }
}
