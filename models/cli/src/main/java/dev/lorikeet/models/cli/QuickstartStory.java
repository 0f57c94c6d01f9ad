package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.PromptLayout;
import dev.lorikeet.models.data.TextPair;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.train.Evaluation;
import dev.lorikeet.models.train.FineTuningListener;
import dev.lorikeet.models.train.FineTuningResult;
import dev.lorikeet.models.train.FineTuningRun;
import dev.lorikeet.models.train.LanguageEvaluation;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// What the quickstart tells: a base model before and after it was adapted, and the two merged into one.
///
/// @param run     the fine-tuning, before its first step
/// @param pool    where to compute
/// @param console where to tell it
record QuickstartStory(FineTuningRun<LanguageModel, TokenBatch> run, Pool pool, PrintWriter console) {
    private static final int SHOWN = 3;
    private static final int MAX_TOKENS = 200;

    /// @return whether the merged model says and scores the same as the adapted one
    boolean tell() throws IOException {
        BaseModel base = run.base();
        AdaptedModel<LanguageModel> adapted = run.tuned().adapted().orElseThrow();
        console.printf(
                Locale.ROOT, "base     %s: GPT-2 with %d blocks, trained on 19th-century novels%n"
                        + "task     say in a sentence what a record says about a restaurant%n"
                        + "device   %s%n%n",
                base.directory().getFileName(), base.config().layers(), pool.backend().description());
        LanguageModel frozen = base.model(architecture());
        LanguageEvaluation before = evaluate(frozen);
        Progress progress = new Progress(new ProgressLine(
                console, Terminal.isInteractive(), "train", 0, run.settings().steps()));
        FineTuningResult result = run.run(progress);
        LanguageEvaluation after = progress.last;
        losses(before, after);
        sizes(base, result);
        List<TextPair> heldOut = LanguageTask.RESTAURANTS.pairs(null, true).orElseThrow();
        List<TextPair> shown = Stream.iterate(0, i -> i + heldOut.size() / SHOWN).limit(SHOWN).map(heldOut::get)
                .toList();
        List<String> plain = write(frozen, shown);
        List<String> texts = write(adapted.model(), shown);
        for (int i = 0; i < SHOWN; i++) {
            console.printf("%n  record   %s%n  base     %s%n  adapted  %s%n", shown.get(i).prompt(),
                    oneLine(plain.get(i)), oneLine(texts.get(i)));
        }
        boolean same = merged(adapted, shown, texts, after);
        console.printf("adapter  %s (PEFT format)%n", result.written());
        return same;
    }

    /// Shows steps; what is held out has its own place in the story.
    private static final class Progress implements FineTuningListener {
        private final ProgressLine line;
        private LanguageEvaluation last;

        Progress(ProgressLine line) {
            this.line = line;
        }

        @Override
        public void onStep(StepResult result) {
            line.onStep(result);
        }

        @Override
        public void onEvaluation(long step, Evaluation evaluation, boolean best) {
            last = (LanguageEvaluation) evaluation;
        }
    }

    private Architecture<? extends LanguageModel> architecture() {
        return run.examples().model().architecture();
    }

    private LanguageEvaluation evaluate(LanguageModel model) {
        return (LanguageEvaluation) run.examples().heldOut().orElseThrow().evaluator(pool, model).evaluate();
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

    private void sizes(BaseModel base, FineTuningResult result) throws IOException {
        long parameters = base.store().all().stream().mapToLong(weight -> weight.value().size()).sum();
        long trained = run.tuned().parameters();
        long baseBytes = Files.size(base.directory().resolve("model.safetensors"));
        long adapterBytes = Files.size(SavedAdapter.tensors(result.written()));
        console.printf(
                Locale.ROOT,
                "%-28s %,10d %,10d   (%.2f%% of the base's)%n%-28s %,10d %,10d   (%.2f%% of the base's)%n",
                "parameters (trainable)", parameters, trained, 100.0 * trained / parameters, "file, bytes", baseBytes,
                adapterBytes, 100.0 * adapterBytes / baseBytes);
    }

    private List<String> write(LanguageModel model, List<TextPair> shown) {
        Tokenizer tokenizer = run.base().tokenizer();
        PromptLayout layout = new PromptLayout(tokenizer);
        int end = tokenizer.endOfText().orElse(-1);
        List<int[]> prompts = shown.stream().map(pair -> layout.prompt(pair.prompt())).toList();
        return new Generator(model, pool)
                .generate(prompts, MAX_TOKENS, Sampling.greedy(), token -> token == end, (_, _) -> {}).stream()
                .map(layout::completion)
                .toList();
    }

    /// Merges the adapter and checks that the merged model says and scores the same.
    private boolean merged(AdaptedModel<LanguageModel> adapted, List<TextPair> shown, List<String> expected,
            LanguageEvaluation after) {
        BaseModel base = run.base();
        MergeOptions options = MergeOptions.defaults().into(DType.F32);
        try (MergedWeights weights = Merge.of(adapted, base.store(), options)) {
            LanguageModel model = base.model(architecture(), weights, Projections.plain());
            boolean same = write(model, shown).equals(expected);
            double difference = Math.abs(evaluate(model).loss() - after.loss());
            console.printf(
                    Locale.ROOT, "%nmerged   same %d sentences: %s; held-out loss differs by %.1e%n", SHOWN,
                    same ? "yes" : "NO", difference);
            return same && difference < 1e-4;
        }
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() > 150 ? line.substring(0, 147) + "..." : line;
    }
}
