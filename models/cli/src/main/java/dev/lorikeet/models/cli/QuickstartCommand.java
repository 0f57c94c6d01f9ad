package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.EmbeddedBase;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.data.PromptLayout;
import dev.lorikeet.models.data.TextPair;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.train.ExampleWindows;
import dev.lorikeet.models.train.HeldOut;
import dev.lorikeet.models.train.HeldOutLoss;
import dev.lorikeet.models.train.LanguageEvaluation;
import dev.lorikeet.models.train.MetricsLog;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.Trainer;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `lorikeet quickstart`: the whole story on one screen, offline, in about two minutes.
@Command(
        name = "quickstart",
        description = "Adapt the embedded base model to a small data-to-text task with LoRA and show what has changed.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  lorikeet quickstart --out my-first-adapter"})
final class QuickstartCommand implements Callable<Integer> {
    private static final int BATCH = 16;
    private static final int EVAL_BATCH = 32;
    private static final int SHOWN = 3;
    private static final int MAX_TOKENS = 200;

    @Spec
    private CommandSpec spec;

    @Option(names = "--out", defaultValue = "quickstart-run", paramLabel = "DIR",
            description = "Where adapter and log go; replaced if it is there. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(names = "--steps", defaultValue = "240", description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DeviceOption device;

    private PrintWriter console;

    @Override
    public Integer call() throws IOException {
        console = spec.commandLine().getOut();
        Files.deleteIfExists(out.resolve(TrainingRun.STATE_FILE));
        LoraConfig config = LoraConfig.builder()
                .rank(2)
                .alpha(16)
                .targets(Targets.parse("c_attn,attn.c_proj,c_fc"))
                .build();
        try (Backend backend = device.open();
                Pool pool = new Pool(backend);
                BaseModel base = BaseModel.open(backend, EmbeddedBase.directory());
                LoraAdapter adapter = LoraAdapter.fresh(config, base.store(), seed)) {
            AdaptedModel<Gpt2> adapted = base.adapted(architecture(base), List.of(adapter));
            return story(base, adapted, adapter, pool) ? 0 : 1;
        }
    }

    private static Architecture<Gpt2> architecture(BaseModel base) {
        return base.config(Gpt2Config.class).architecture();
    }

    private boolean story(BaseModel base, AdaptedModel<Gpt2> adapted, LoraAdapter adapter,
            Pool pool) throws IOException {
        Tokenizer tokenizer = base.tokenizer();
        List<TextPair> heldOut = LanguageTask.RESTAURANTS.pairs(null, true).orElseThrow();
        HeldOut held = HeldOut.of(new PromptLayout(tokenizer).examples(heldOut), tokenizer, EVAL_BATCH, 0);
        console.printf(
                Locale.ROOT, "base     %s: GPT-2 with %d blocks of width %d, trained on 19th-century novels%n"
                        + "task     say in a sentence what a record says about a restaurant%n"
                        + "device   %s%n%n",
                base.directory().getFileName(), adapted.model().config().nLayer(), adapted.model().config().nEmbd(),
                pool.backend().description());
        Gpt2 frozen = base.model(architecture(base));
        LanguageEvaluation before = new HeldOutLoss(pool, held, frozen).evaluate();
        train(base, adapted, adapter, tokenizer, pool);
        LanguageEvaluation after = new HeldOutLoss(pool, held, adapted.model()).evaluate();
        losses(before, after);
        sizes(base, adapter);
        PromptLayout layout = new PromptLayout(tokenizer);
        List<TextPair> shown = Stream.iterate(0, i -> i
                + heldOut.size() / SHOWN).limit(SHOWN).map(heldOut::get).toList();
        List<String> plain = write(frozen, pool, layout, tokenizer, shown);
        List<String> adaptedTexts = write(adapted.model(), pool, layout, tokenizer, shown);
        for (int i = 0; i < SHOWN; i++) {
            console.printf("%n  record   %s%n  base     %s%n  adapted  %s%n", shown.get(i).prompt(),
                    oneLine(plain.get(i)), oneLine(adaptedTexts.get(i)));
        }
        return merged(base, adapted, pool, layout, tokenizer, shown, adaptedTexts, held, after);
    }

    private void train(BaseModel base, AdaptedModel<Gpt2> adapted, LoraAdapter adapter, Tokenizer tokenizer,
            Pool pool) {
        Backend backend = pool.backend();
        Examples examples =
                LanguageTask.RESTAURANTS.examples(null, false, tokenizer, base.config().maxPositions()).examples();
        AdamW optimizer = new AdamW(
                backend, List.of(new ParameterGroup(adapted.trainables(), 0)), AdamWConfig.defaults());
        TrainingSettings settings =
                new TrainingSettings(steps, 4e-3, Schedule.linear(Math.min(10, steps / 2), steps), 1, 0, seed, 0, 0);
        Trainer<?> trainer = new Trainer<>(
                Objective.tokens(adapted.model()), pool, optimizer,
                ExampleWindows.of(examples, BATCH, 1, seed), settings);
        TrainingRun run = new TrainingRun(
                trainer, null, out, "quickstart",
                () -> SavedAdapter.write(
                        out.resolve("adapter"), SavedAdapter.LANGUAGE, adapter, adapted.trainables(),
                        base.directory()));
        run.run(List.of(
                new MetricsLog(out, 0),
                new ProgressLine(console, Terminal.isInteractive(), "train", 0, steps)));
    }

    private void losses(LanguageEvaluation before, LanguageEvaluation after) {
        console.printf(
                Locale.ROOT,
                "%n%-28s %10s %10s%n%-28s %10.4f %10.4f   (%.0f%% of the base's)%n%-28s %10.3f %10.3f%n"
                        + "%-28s %10.4f %10.4f%n",
                "held out", "base", "adapted", "loss, nats per byte", before.loss(), after.loss(),
                100 * after.loss() / before.loss(), "perplexity", before.perplexity(), after.perplexity(),
                "bits per byte", before.bitsPerByte(), after.bitsPerByte());
    }

    private void sizes(BaseModel base, LoraAdapter adapter) throws IOException {
        long parameters = base.store().all().stream().mapToLong(weight -> weight.value().size()).sum();
        long baseBytes = Files.size(base.directory().resolve("model.safetensors"));
        long adapterBytes = Files.size(SavedAdapter.tensors(out.resolve("adapter")));
        console.printf(
                Locale.ROOT,
                "%-28s %,10d %,10d   (%.2f%% of the base's)%n%-28s %,10d %,10d   (%.2f%% of the base's)%n",
                "parameters (trainable)", parameters, adapter.parameterCount(),
                100.0 * adapter.parameterCount() / parameters, "file, bytes", baseBytes, adapterBytes,
                100.0 * adapterBytes / baseBytes);
    }

    private static List<String> write(
            LanguageModel model, Pool pool, PromptLayout layout, Tokenizer tokenizer, List<TextPair> shown) {
        int end = tokenizer.endOfText().orElse(-1);
        List<int[]> prompts = shown.stream().map(pair -> layout.prompt(pair.prompt())).toList();
        return new Generator(model, pool)
                .generate(prompts, MAX_TOKENS, Sampling.greedy(), token -> token == end, (_, _) -> {}).stream()
                .map(layout::completion)
                .toList();
    }

    /// Merges the adapter and checks that the merged model says and scores the same.
    private boolean merged(
            BaseModel base, AdaptedModel<Gpt2> adapted, Pool pool, PromptLayout layout, Tokenizer tokenizer,
            List<TextPair> shown, List<String> expected, HeldOut held, LanguageEvaluation after) {
        MergeOptions options = MergeOptions.defaults().into(DType.F32);
        try (MergedWeights weights = Merge.of(adapted, base.store(), options)) {
            Gpt2 model = base.model(architecture(base), weights, Projections.plain());
            boolean same = write(model, pool, layout, tokenizer, shown).equals(expected);
            double difference = Math.abs(new HeldOutLoss(pool, held, model).evaluate().loss() - after.loss());
            console.printf(
                    Locale.ROOT, "%nmerged   same %d sentences: %s; held-out loss differs by %.1e%n", SHOWN,
                    same ? "yes" : "NO", difference);
            console.printf("adapter  %s (PEFT format)%n", out.resolve("adapter"));
            return same && difference < 1e-4;
        }
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() > 150 ? line.substring(0, 147) + "..." : line;
    }
}
