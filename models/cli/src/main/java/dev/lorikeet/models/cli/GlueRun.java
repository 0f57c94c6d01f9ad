package dev.lorikeet.models.cli;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.LabelledBatch;
import dev.lorikeet.models.MergedDirectory;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.train.BestEvaluation;
import dev.lorikeet.models.train.ExampleWindows;
import dev.lorikeet.models.train.MetricsLog;
import dev.lorikeet.models.train.TaskEvaluator;
import dev.lorikeet.models.train.Trainer;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Training of a classifier, for one seed at a time. As in the paper's scripts matrices decay and biases do not, the
/// model is evaluated after every epoch, and the best one is kept.
///
/// @param common   what was asked for
/// @param task     the task
/// @param glue     what only such tasks have
/// @param base     the model to adapt
/// @param config   its configuration with the task's head
/// @param pool     where to compute
/// @param examples to train on
/// @param heldOut  to evaluate on
/// @param start    adapter to start from, or null
record GlueRun(
        TrainingCommon common, GlueTask task, GlueOptions glue, BaseModel base, RobertaConfig config, Pool pool,
        EncodedSentences examples, Map<String, EncodedSentences> heldOut, StoredAdapter start) {
    /// A model, what is trained of it, and how the result is written.
    private record Model(
            SequenceClassifier classifier, List<ParameterGroup> groups, Path result, TrainingRun.Output output) {}

    /// @return the best evaluation
    BestEvaluation train(long seed, Path directory) {
        if (glue.headOnly) {
            TrainableWeights head =
                    new TrainableWeights(base.store(), path -> path.startsWith(RobertaHead.MODULE + "."), seed);
            RobertaClassifier classifier = base.model(config.classifier(), head, Projections.plain());
            Path result = directory.resolve("model");
            return train(seed, directory, new Model(
                    classifier, List.of(new ParameterGroup(head.all(), common.loop().weightDecay)), result,
                    () -> MergedDirectory.write(result, base, config, frozen(head.all()))));
        }
        try (LoraAdapter adapter = start == null
                ? LoraAdapter.fresh(common.lora().config(config, List.of(RobertaHead.MODULE)), base.store(), seed)
                : LoraAdapter.continued(start, base.store(), seed)) {
            AdaptedModel<RobertaClassifier> adapted = base.adapted(config.classifier(), List.of(adapter));
            Path result = directory.resolve("adapter");
            return train(seed, directory, new Model(
                    adapted.model(), common.lora().groups(adapter, common.loop().weightDecay), result,
                    () -> SavedAdapter.write(
                            result, SavedAdapter.CLASSIFICATION, adapter, adapted.trainables(), base.directory())));
        }
    }

    private static Map<String, Frozen> frozen(List<Trainable> weights) {
        return weights.stream().map(weight -> new Frozen(weight.name(), weight.value()))
                .collect(Collectors.toMap(Frozen::name, Function.identity()));
    }

    private BestEvaluation train(long seed, Path directory, Model model) {
        PrintWriter console = common.spec().commandLine().getOut();
        LoopOptions loop = common.loop();
        loop.seed = seed;
        boolean everyEpoch = !common.spec().commandLine().getParseResult().hasMatchedOption("--eval-every");
        TrainingSettings settings = loop.settings(examples.size());
        int perEpoch = Math.ceilDiv(Math.ceilDiv(examples.size(), loop.batch), loop.accumulate);
        settings = everyEpoch ? settings.evaluatedEvery(perEpoch) : settings;
        AdamW optimizer = new AdamW(
                pool.backend(), model.groups().stream().flatMap(group -> group.decayingMatrices().stream()).toList(),
                AdamWConfig.defaults());
        console.printf(Locale.ROOT, "seed %d: %,d trainable parameters, %,d steps%n", seed,
                optimizer.weights().stream().mapToLong(weight -> weight.value().size()).sum(), settings.steps());
        int atOnce = loop.tokensAtOnce(pool.backend().device());
        Trainer<LabelledBatch> trainer = new Trainer<>(
                model.classifier()::loss, pool, optimizer, new ExampleWindows<>(batches(seed), loop.accumulate)
                        .split(batch -> batch.split(atOnce)),
                settings);
        TaskEvaluator evaluator = new TaskEvaluator(
                pool, model.classifier(), task.metrics(), heldOut, Math.max(16, loop.batch));
        TrainingRun run = new TrainingRun(
                trainer, evaluator, directory, fingerprint(), model.output());
        long from = common.data().resume ? run.resume() : 0;
        common.run(run, base, List.of(
                new MetricsLog(directory, from),
                new ProgressLine(
                        console, Terminal.isInteractive(), task.title() + " seed " + seed, from, settings.steps())));
        BestEvaluation best = BestEvaluation.read(directory);
        console.printf("best at step %d: %s%n%s%n", best.step(), best, model.result());
        console.flush();
        return best;
    }

    private Batches<LabelledBatch> batches(long seed) {
        int batch = common.loop().batch;
        return glue.groupByLength
                ? Batches.byLength(examples, batch, seed, examples::pack)
                : Batches.shuffled(examples, BatchSize.ofSequences(batch), seed, examples::pack);
    }

    private String fingerprint() {
        return "train base=%s base-dtype=%s task=%s examples=%d max-length=%s %s %s %s %s".formatted(
                base.directory().getFileName(), common.baseDType(), task.title(), examples.size(),
                common.data().maxLength, common.data(), glue, common.lora(), common.loop());
    }
}
