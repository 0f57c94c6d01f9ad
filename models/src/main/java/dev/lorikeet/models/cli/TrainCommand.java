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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lorikeet train`: adapts a base model to a task and writes the adapter.
@Command(
        name = "train",
        description = "Adapt a GPT-2 to a task with LoRA. Writes DIR/adapter (PEFT format, the best evaluation), "
                + "DIR/metrics.csv, "
                + "DIR/metrics.jsonl and a checkpoint that --resume continues bit for bit.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  lorikeet train --task restaurants --out run --steps 300",
            "  lorikeet train --base gpt2 --task e2e --data e2e/train.txt.gz --valid e2e/valid.txt.gz \\",
            "      --lr 2e-4 --warmup 500 --steps 26000 --lora-dropout 0.1 --label-smoothing 0.1 --out e2e-run",
            "  lorikeet train --task jsonl --data mine.jsonl --out run --resume",
            "  lorikeet train --task restaurants --out dora --targets c_attn,c_proj --dora --rslora --rank 8",
            "  lorikeet train --task restaurants --out plus --targets all-linear --exclude c_fc --bias lora_only \\",
            "      --init pissa --lora-plus-ratio 16"
        })
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BaseOption base;

    @Mixin
    private BaseTypeOption baseType;

    @Option(names = "--task", required = true, paramLabel = "NAME", description = "One of: ${COMPLETION-CANDIDATES}.")
    private LanguageTask task;

    @Option(names = "--data", paramLabel = "FILE", description = "Training data, plain or .gz.")
    private Path data;

    @Option(names = "--valid", paramLabel = "FILE", description = "Held-out data; without it nothing is evaluated.")
    private Path valid;

    @Option(names = "--eval-examples", defaultValue = "400", paramLabel = "N",
            description = "Held-out examples to evaluate on, 0 for all. Default: ${DEFAULT-VALUE}.")
    private int evalExamples;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory of the run.")
    private Path out;

    @Option(names = "--max-length", paramLabel = "N",
            description = "Longest sequence; longer examples are cut. Default: what the model takes.")
    private Integer maxLength;

    @Option(names = "--model-dropout", paramLabel = "P",
            description = "Dropout inside the frozen model. Default: what its config.json says.")
    private Double modelDropout;

    @Option(names = "--resume", description = "Continue from the checkpoint in --out, if there is one.")
    private boolean resume;

    @Mixin
    private LoraOptions lora;

    @Mixin
    private LoopOptions loop;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() {
        if (task.needsFile() && data == null) {
            throw new ParameterException(
                    spec.commandLine(), "--task " + task.name().toLowerCase(Locale.ROOT) + " needs --data FILE");
        }
        if (!resume && Files.exists(out.resolve(TrainingRun.STATE_FILE))) {
            throw new ParameterException(
                    spec.commandLine(),
                    out + " holds a run already; continue it with --resume or give another --out");
        }
        TrainingSettings settings = loop.settings();
        try (Backend backend = device.open(); Pool pool = new Pool(backend);
                BaseModel model = base.open(backend, baseType.type())) {
            Gpt2Config config = model.config(Gpt2Config.class);
            config = modelDropout == null ? config : config.withDropout(modelDropout);
            try (LoraAdapter adapter = LoraAdapter.fresh(lora.config(config, List.of()), model.store(), loop.seed)) {
                train(model, model.adapted(config.architecture(), List.of(adapter)), adapter, settings, pool);
            }
        }
        return 0;
    }

    private void train(
            BaseModel base, AdaptedModel<Gpt2> adapted, LoraAdapter adapter, TrainingSettings settings, Pool pool) {
        PrintWriter console = spec.commandLine().getOut();
        Backend backend = pool.backend();
        Tokenizer tokenizer = base.tokenizer();
        int longest = base.config().maxPositions();
        int rows = maxLength == null ? longest : Math.min(maxLength, longest);
        LimitedExamples examples = task.examples(data, false, tokenizer, rows);
        boolean evaluates = valid != null || !task.needsFile();
        Evaluator evaluator = evaluates
                ? new HeldOutLoss(pool, HeldOut.of(
                        task.examples(valid, true, tokenizer, rows).examples(), tokenizer, loop.batch, evalExamples),
                        adapted.model())
                : null;
        console.printf(
                Locale.ROOT, "%s%n%s%n%d examples; %s%n%,d trainable parameters in %d projections%n",
                base.directory(), backend.description(), examples.examples().size(), examples.report(),
                adapter.parameterCount(), adapter.deltas().size());
        baseType.report(console, base);
        AdamW optimizer = new AdamW(
                backend, lora.groups(adapter, loop.weightDecay), AdamWConfig.defaults());
        Trainer<?> trainer = new Trainer<>(
                Objective.tokens(adapted.model()), pool, optimizer,
                ExampleWindows.of(examples.examples(), loop.batch, loop.accumulate, loop.seed), settings);
        TrainingRun run = new TrainingRun(
                trainer, evaluator, out, fingerprint(rows, examples.examples().size()),
                () -> SavedAdapter.write(out.resolve("adapter"), adapter, adapted.trainables(), base.directory()));
        long from = resume ? run.resume() : 0;
        TrainingState state = run.run(List.of(
                new MetricsLog(out, from),
                new ProgressLine(console, Terminal.isInteractive(), "train", from, settings.steps())));
        if (evaluates) {
            console.printf(Locale.ROOT, "best held-out loss %.4f at step %d%n", -state.bestScore(), state.bestStep());
        }
        console.printf(Locale.ROOT, "step memory: %,d bytes at most%s%n", pool.peakBytes(),
                settings.recompute() ? ", blocks computed again" : "");
        console.println("adapter: " + out.resolve("adapter"));
    }

    private String fingerprint(int rows, int examples) {
        return ("train base=%s base-dtype=%s task=%s data=%s examples=%d max-length=%d model-dropout=%s valid=%s "
                + "eval-examples=%d %s %s").formatted(
                        base.directory().getFileName(), baseType, task, data == null ? null : data.getFileName(),
                        examples, rows, modelDropout, valid == null ? null : valid.getFileName(), evalExamples,
                        lora, loop);
    }
}
