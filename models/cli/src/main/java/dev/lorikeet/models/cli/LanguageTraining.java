package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.data.LimitedExamples;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.train.Evaluator;
import dev.lorikeet.models.train.ExampleWindows;
import dev.lorikeet.models.train.HeldOut;
import dev.lorikeet.models.train.HeldOutLoss;
import dev.lorikeet.models.train.MetricsLog;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.Trainer;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.models.train.TrainingState;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ParameterException;

/// `lorikeet train` for a task of a language model.
///
/// @param common what was asked for
/// @param task   the task
record LanguageTraining(TrainingCommon common, LanguageTask task) {
    void run() {
        DataOptions data = common.data();
        if (task.needsFile() && data.data == null) {
            throw new ParameterException(
                    common.spec().commandLine(), "--task " + task.title() + " needs --data FILE");
        }
        data.requireFree(data.out);
        try (Backend backend = common.device().open(); Pool pool = new Pool(backend);
                BaseModel model = common.base().open(backend, common.baseDType().type())) {
            Gpt2Config config = model.config(Gpt2Config.class);
            config = data.modelDropout() == null ? config : config.withDropout(data.modelDropout());
            try (LoraAdapter adapter =
                    LoraAdapter.fresh(common.lora().config(config, List.of()), model.store(), common.loop().seed)) {
                train(model, model.adapted(config.architecture(), List.of(adapter)), adapter, pool);
            }
        }
    }

    private void train(BaseModel base, AdaptedModel<Gpt2> adapted, LoraAdapter adapter, Pool pool) {
        PrintWriter console = common.spec().commandLine().getOut();
        DataOptions data = common.data();
        LoopOptions loop = common.loop();
        Backend backend = pool.backend();
        Tokenizer tokenizer = base.tokenizer();
        int longest = base.config().maxPositions();
        int rows = data.maxLength == null ? longest : Math.min(data.maxLength, longest);
        LimitedExamples examples = task.examples(data.data, false, tokenizer, rows);
        Evaluator evaluator = evaluator(adapted.model(), pool, tokenizer, rows);
        console.printf(
                Locale.ROOT, "%s%n%s%n%d examples; %s%n%,d trainable parameters in %d projections%n",
                base.directory(), backend.description(), examples.examples().size(), examples.report(),
                adapter.parameterCount(), adapter.deltas().size());
        common.baseDType().report(console, base);
        TrainingSettings settings = loop.settings(examples.examples().size());
        AdamW optimizer = new AdamW(
                backend, common.lora().groups(adapter, loop.weightDecay), AdamWConfig.defaults());
        int atOnce = loop.tokensAtOnce(backend.device());
        Trainer<?> trainer = new Trainer<>(
                Objective.tokens(adapted.model()), pool, optimizer,
                ExampleWindows.of(examples.examples(), loop.batch, loop.accumulate, loop.seed)
                        .split(batch -> batch.split(atOnce)),
                settings);
        Path directory = data.out.resolve("adapter");
        TrainingRun run = new TrainingRun(
                trainer, evaluator, data.out, fingerprint(base, rows, examples.examples().size()),
                () -> SavedAdapter.write(
                        directory, SavedAdapter.LANGUAGE, adapter, adapted.trainables(), base.directory()));
        long from = data.resume ? run.resume() : 0;
        TrainingState state = common.run(run, base, List.of(
                new MetricsLog(data.out, from),
                new ProgressLine(console, Terminal.isInteractive(), "train", from, settings.steps())));
        if (evaluator != null) {
            console.printf(Locale.ROOT, "best held-out loss %.4f at step %d%n", -state.bestScore(), state.bestStep());
        }
        console.printf(Locale.ROOT, "step memory: %,d bytes at most%s%n", pool.peakBytes(),
                settings.recompute() ? ", blocks computed again" : "");
        console.println("adapter: " + directory);
    }

    /// Null where nothing is held out.
    private Evaluator evaluator(Gpt2 model, Pool pool, Tokenizer tokenizer, int rows) {
        DataOptions data = common.data();
        if (data.valid == null && task.needsFile()) {
            return null;
        }
        LimitedExamples examples = task.examples(data.valid, true, tokenizer, rows);
        return new HeldOutLoss(
                pool, HeldOut.of(examples.examples(), tokenizer, common.loop().batch, data.evalExamples), model);
    }

    private String fingerprint(BaseModel base, int rows, int examples) {
        return "train base=%s base-dtype=%s task=%s examples=%d max-length=%d %s %s %s".formatted(
                base.directory().getFileName(), common.baseDType(), task, examples, rows, common.data(),
                common.lora(), common.loop());
    }
}
