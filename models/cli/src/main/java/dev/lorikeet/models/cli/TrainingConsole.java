package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.task.Task;
import dev.lorikeet.models.train.BestEvaluation;
import dev.lorikeet.models.train.Evaluation;
import dev.lorikeet.models.train.FineTuningListener;
import dev.lorikeet.models.train.FineTuningResult;
import dev.lorikeet.models.train.FineTuningRun;
import dev.lorikeet.models.train.GlueExamples;
import dev.lorikeet.models.train.LanguageExamples;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.TaskExamples;
import dev.lorikeet.tensor.Backend;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/// Tells a person how fine-tuning goes.
final class TrainingConsole implements FineTuningListener {
    private final PrintWriter out;
    private final Task task;
    private final BaseDTypeOption baseDType;
    private final String recipe;
    private FineTuningRun<?, ?> run;
    private ProgressLine progress;

    /// @param recipe what to say about where hyperparameters come from
    TrainingConsole(PrintWriter out, Task task, BaseDTypeOption baseDType, String recipe) {
        this.out = out;
        this.task = task;
        this.baseDType = baseDType;
        this.recipe = recipe;
    }

    @Override
    public void onExamples(BaseModel base, Backend backend, TaskExamples<?, ?> examples) {
        out.printf("%s%n%s%n", base.directory(), backend.description());
        switch (examples) {
            case LanguageExamples texts -> out.printf("%d examples; %s%n", texts.size(), texts.limited().report());
            case GlueExamples sentences -> out.printf(
                    Locale.ROOT, "%s: %,d examples, %,d cut to %d tokens%s; held out %s%n", task.title(),
                    sentences.size(), sentences.sentences().cut(), sentences.maxLength(),
                    sentences.skipped() == 0 ? ""
                            : ", %d rows without all columns left out".formatted(sentences.skipped()),
                    sentences.judged().describe());
        }
        out.print(recipe);
    }

    @Override
    public void onStart(FineTuningRun<?, ?> begins) {
        run = begins;
        String label = "train";
        if (begins.examples() instanceof LanguageExamples) {
            out.printf(Locale.ROOT, "%,d trainable parameters in %d projections%n", begins.tuned().parameters(),
                    begins.tuned().adapted().map(TrainingConsole::projections).orElse(0));
        } else {
            label = task.title() + " seed " + begins.seed();
            out.printf(Locale.ROOT, "seed %d: %,d trainable parameters, %,d steps%n", begins.seed(),
                    begins.tuned().parameters(), begins.settings().steps());
        }
        baseDType.report(out, begins.base());
        progress = new ProgressLine(out, Terminal.isInteractive(), label, begins.made(), begins.settings().steps());
    }

    private static int projections(AdaptedModel<?> adapted) {
        return adapted.adapters().stream().mapToInt(adapter -> adapter.deltas().size()).sum();
    }

    @Override
    public void onStep(StepResult result) {
        progress.onStep(result);
    }

    @Override
    public void onEvaluation(long step, Evaluation evaluation, boolean best) {
        progress.onEvaluation(step, evaluation, best);
    }

    @Override
    public void onEnd(FineTuningResult result) {
        if (run.examples() instanceof LanguageExamples texts) {
            if (texts.heldOut().isPresent()) {
                out.printf(Locale.ROOT, "best held-out loss %.4f at step %d%n", -result.state().bestScore(),
                        result.state().bestStep());
            }
            out.printf(Locale.ROOT, "step memory: %,d bytes at most%s%n", result.peakBytes(),
                    run.settings().recompute() ? ", blocks computed again" : "");
            out.println("adapter: " + result.written());
        } else {
            BestEvaluation best = result.best();
            out.printf("best at step %d: %s%n%s%n", best.step(), best, result.written());
        }
        out.flush();
    }

    /// Compares the runs of several seeds.
    void table(List<FineTuningResult> results) {
        if (results.size() > 1 && run.examples().heldOut().isPresent()) {
            SeedTable table = new SeedTable();
            results.forEach(result -> table.add(result.seed(), result.best()));
            out.print(table);
        }
        out.flush();
    }
}
