package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.bench.steps.ClassifierStep;
import dev.lorikeet.bench.steps.LoraSetting;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.bench.steps.MeasuredStep;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.tensor.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.LongStream;

/// A training step to be measured, for us and for peers: a model with random weights, adapters, batches.
///
/// PEFT adapts whole projections only, so the adapters of GPT-2 are on all of `c_attn`, not on its query and value
/// columns alone.
///
/// @param name         such as `gpt2-8x512`
/// @param config       the model's `config.json`, dropout 0
/// @param rank         of the adapters
/// @param alpha        of the adapters
/// @param targets      the adapted modules, by the end of their names
/// @param learningRate of AdamW with its usual other settings
/// @param weightDecay  of AdamW
/// @param batches      in turns, from the beginning again at the end
/// @param open         builds our own step with the frozen matrices kept in a type
record Workload(String name, JsonNode config, int rank, int alpha, List<String> targets, double learningRate,
        double weightDecay, List<? extends Batch<?>> batches, BiFunction<Backend, BaseDType, MeasuredStep> open) {
    private static final int CLASSES = 3;

    /// The names that [#named] knows, most wanted first.
    static final List<String> NAMES =
            List.of("gpt2-8x512", "gpt2-medium-8x512", "roberta-base-32x128", "gpt2-e2e", "gpt2-medium-e2e");

    /// @throws IllegalArgumentException if there is none of that name
    static Workload named(String name, Size size) {
        return switch (name) {
            case "gpt2-8x512" -> gpt2(name, size == Size.TINY ? LoraStep.TINY : Gpt2Config.published("gpt2"), size);
            case "gpt2-medium-8x512" ->
                gpt2(name, size == Size.TINY ? LoraStep.TINY : Gpt2Config.published("gpt2-medium"), size);
            case "gpt2-e2e" -> e2e(name, size == Size.TINY ? LoraStep.TINY : Gpt2Config.published("gpt2"), size);
            case "gpt2-medium-e2e" ->
                e2e(name, size == Size.TINY ? LoraStep.TINY : Gpt2Config.published("gpt2-medium"), size);
            case "roberta-base-32x128" -> roberta(name, size);
            default -> throw new IllegalArgumentException(
                    "no workload is called '%s'; there are %s".formatted(name, NAMES));
        };
    }

    private static Workload gpt2(String name, Gpt2Config config, Size size) {
        int[] lengths = new int[size == Size.TINY ? 2 : 8];
        Arrays.fill(lengths, size == Size.TINY ? 16 : 512);
        return gpt2(name, config, LoraStep.always(config.vocabSize(), lengths), 1);
    }

    private static Workload e2e(String name, Gpt2Config config, Size size) {
        List<TokenBatch> all = E2eLengths.batches(config.vocabSize());
        List<TokenBatch> batches = size == Size.TINY ? all.subList(0, 2) : all;
        return gpt2(name, config, step -> List.of(batches.get((int) (step % batches.size()))), batches.size());
    }

    private static Workload gpt2(String name, Gpt2Config config, TrainingData<TokenBatch> data, int count) {
        Gpt2Config quiet = config.withDropout(0);
        List<TokenBatch> batches = LongStream.range(0, count)
                .mapToObj(step -> data.window(step).getFirst()).toList();
        return new Workload(name, quiet.toJson(), 4, LoraStep.ALPHA, List.of("c_attn"), LoraStep.LEARNING_RATE,
                LoraStep.WEIGHT_DECAY, batches,
                (backend, base) -> new LoraStep(backend, quiet, new LoraSetting(4, "c_attn", base), data));
    }

    private static Workload roberta(String name, Size size) {
        int[] lengths = new int[size == Size.TINY ? 2 : 32];
        Arrays.fill(lengths, size == Size.TINY ? 12 : 128);
        RobertaConfig config = (size == Size.TINY ? RobertaConfig.fresh(new FreshModel(301, 64, 48, 2, 4, -1))
                : RobertaConfig.published("roberta-base")).withLabels(CLASSES).withDropout(0);
        LabelledBatch batch = ClassifierStep.batch(config, lengths);
        return new Workload(name, config.toJson(), 8, ClassifierStep.ALPHA, List.of("query", "value"),
                ClassifierStep.LEARNING_RATE, ClassifierStep.WEIGHT_DECAY, List.of(batch),
                (backend, base) -> new ClassifierStep(backend, config, 8, base, _ -> List.of(batch)));
    }
}
