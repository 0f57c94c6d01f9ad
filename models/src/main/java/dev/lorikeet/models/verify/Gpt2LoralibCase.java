package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.Downloads;
import dev.lorikeet.models.generate.BeamSettings;
import dev.lorikeet.models.generate.Hypothesis;
import dev.lorikeet.models.generate.PaperBeamSearch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.io.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Kind `gpt2-loralib`: the paper's GPT-2 example. An adapter of columns of `c_attn`, a loss over labels that are
/// shifted already and a mask, label smoothing, its AdamW, its checkpoints, its beam search.
final class Gpt2LoralibCase implements CaseKind {
    private static final String[] THIRDS = {"q", "k", "v"};

    @Override
    public void replay(GoldenCase golden, Pool pool) {
        List<String> checkpoints = golden.manifest().files().stream().filter(file -> file.endsWith(".pt")).toList();
        StoredAdapter stored = null;
        try (BaseModel base = BaseModel.open(pool.backend(), golden.manifest().base())) {
            base.model();
            for (String file : checkpoints) {
                StoredAdapter read = AdapterFiles.open(golden.directory().resolve(file), options(golden));
                numbers(golden, file, read);
                baseWeights(golden, file, base);
                stored = read;
            }
            if (stored == null) {
                throw new CaseException(golden.manifest().file(), "lists no checkpoint (.pt)", "add it");
            }
            try (LoraAdapter adapter = LoraAdapter.trainable("default", stored, base.store())) {
                replay(golden, pool, base, adapter);
            }
        }
    }

    /// What the checkpoint does not say: alpha, and which of q, k and v are updated.
    private static LoralibOptions options(GoldenCase golden) {
        JsonNode enabled = golden.manifest().require("enable_lora");
        if (enabled.size() != THIRDS.length) {
            throw new NotReplayed("a fused projection of %d parts is not q, k and v".formatted(enabled.size()));
        }
        List<String> parts = IntStream.range(0, THIRDS.length)
                .filter(i -> enabled.get(i).booleanValue()).mapToObj(i -> THIRDS[i]).toList();
        return new LoralibOptions(
                golden.manifest().require("lora_alpha").doubleValue(),
                Targets.parse("c_attn[" + String.join(",", parts) + "]"), List.of());
    }

    /// The safetensors file beside the checkpoints holds the same A and B.
    private static void numbers(GoldenCase golden, String file, StoredAdapter read) {
        read.deltas().forEach((path, delta) -> {
            same(golden, file, path + ".lora_A", delta.a());
            same(golden, file, path + ".lora_B", delta.b());
        });
        long listed = golden.manifest().tensors().keySet().stream()
                .filter(name -> name.endsWith(".lora_A") && !name.contains("/")).count();
        golden.fact(file + " updates", listed == read.deltas().size(), "%d expected, %d read".formatted(
                listed, read.deltas().size()));
        double scaling = golden.manifest().get("scaling").asDouble(Double.NaN);
        read.deltas().forEach((path, delta) -> golden.checkNumbers(
                file + " rank and scaling of " + path,
                new double[] {golden.manifest().get("r").doubleValue(), scaling},
                new double[] {delta.rank(), read.config().scaleFor(path)}, 1e-12));
    }

    private static void same(GoldenCase golden, String file, String tensor, StoredTensor read) {
        double[] values = new double[Math.toIntExact(read.shape().size())];
        Arrays.setAll(values, read::get);
        golden.check(tensor, file, read.shape(), values);
    }

    /// A checkpoint of the whole model holds the base's weights, too.
    private static void baseWeights(GoldenCase golden, String file, BaseModel base) {
        try (Checkpoint checkpoint = Checkpoint.open(golden.directory().resolve(file))) {
            List<String> different = new ArrayList<>();
            int compared = 0;
            for (Frozen weight : base.store().all()) {
                if (checkpoint.names().contains(weight.name())) {
                    compared++;
                    double[] own = GoldenFiles.doubles(checkpoint, checkpoint.info(weight.name()));
                    if (!Arrays.equals(own, Downloads.doubles(base.store().backend(), weight.value()))) {
                        different.add(weight.name());
                    }
                }
            }
            if (compared > 0) {
                golden.fact(file + " base weights", different.isEmpty() && compared == base.store().all().size(),
                        different.isEmpty() ? compared + " weights" : "others in " + different);
            }
        }
    }

    private static void replay(GoldenCase golden, Pool pool, BaseModel base, LoraAdapter adapter) {
        AdaptedModel<Gpt2> adapted = base.adapted(base.config(), List.of(adapter));
        PaddedTokens tokens = PaddedTokens.of(golden.input("input_ids"), null);
        LanguageChecks checks = new LanguageChecks(golden, pool);
        if (golden.has("logits")) {
            checks.logits("logits", "", adapted.model(), tokens);
        }
        try (MergedWeights merged = Merge.of(adapted, base.store(), MergeOptions.defaults())) {
            merged.weights().forEach((path, weight) -> Gpt2PeftCase.merged(golden, pool, path, weight));
        }
        beams(golden, pool, adapted.model());
        losses(golden, checks, adapted.model(), adapter, tokens);
    }

    private static Map<String, Trainable> trained(LoraAdapter adapter) {
        Map<String, Trainable> trained = new LinkedHashMap<>();
        for (LoraDelta delta : adapter.deltas()) {
            trained.put(delta.path() + ".lora_A", (Trainable) delta.a());
            trained.put(delta.path() + ".lora_B", (Trainable) delta.b());
        }
        return trained;
    }

    /// Every loss among the scalars says its own smoothing; `<prefix>loss` goes with `<prefix>grad/…`.
    private static void losses(
            GoldenCase golden, LanguageChecks checks, Gpt2 model, LoraAdapter adapter, PaddedTokens tokens) {
        golden.manifest().get("scalars").properties().forEach(scalar -> {
            String name = scalar.getKey();
            if (name.equals("loss") || name.endsWith(".loss")) {
                LanguageChecks.Objective objective =
                        objective(golden, tokens, scalar.getValue().path("label_smooth").asDouble(0));
                golden.checkScalar(name, checks.loss(model, objective));
                checks.gradients(
                        name.substring(0, name.length() - "loss".length()) + "grad/", model, objective,
                        trained(adapter));
            }
        });
        JsonNode training = golden.manifest().get("training");
        if (training.isObject()) {
            LanguageChecks.Objective objective =
                    objective(golden, tokens, training.path("label_smooth").asDouble(0));
            checks.training("", model, objective, trained(adapter), TrainingPlan.of(golden, false));
        }
    }

    /// `Σ nll∘mask / (Σ mask + 1e-4)`.
    private static LanguageChecks.Objective objective(GoldenCase golden, PaddedTokens tokens, double smoothing) {
        int[] labels = golden.input("lm_labels").ints();
        double[] mask = golden.input("lm_mask").values();
        double sum = 0;
        for (double weight : mask) {
            if (weight != 0 && weight != 1) {
                throw new NotReplayed("lm_mask has the weight %s; only 0 and 1 are replayed".formatted(weight));
            }
            sum += weight;
        }
        int T = tokens.length();
        return new LanguageChecks.Objective(
                tokens.batch((s, t) -> mask[s * T + t] == 1 ? labels[s * T + t] : -1), smoothing, 1 / (sum + 1e-4));
    }

    private static void beams(GoldenCase golden, Pool pool, Gpt2 model) {
        for (JsonNode node : golden.manifest().get("beam")) {
            BeamSettings settings = new BeamSettings(
                    node.path("beam").intValue(), node.path("eval_len").intValue(),
                    node.path("length_penalty").asDouble(1), node.path("no_repeat_ngram_size").asInt(0),
                    GenerationChecks.tokens(node.path("eos_token_id")), BeamSettings.Stopping.NEVER);
            Golden queries = golden.input("beam.query");
            int[] lengths = golden.input("beam.query_len").ints();
            double[] all = new double[lengths.length * settings.maxTokens()];
            for (int s = 0; s < lengths.length; s++) {
                Hypothesis best = new PaperBeamSearch(model, pool)
                        .search(Arrays.copyOf(queries.row(s), lengths[s]), settings);
                for (int t = 0; t < best.tokens().length; t++) {
                    all[s * settings.maxTokens() + t] = best.tokens()[t];
                }
            }
            golden.check(node.path("tag").asText() + ".sequences", all);
        }
    }
}
