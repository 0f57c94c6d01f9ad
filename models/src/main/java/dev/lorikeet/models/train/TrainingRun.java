package dev.lorikeet.models.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A whole training run in a directory: steps, periodic evaluation, the best weights so far, a checkpoint now and then.
///
/// The directory holds `training_state.safetensors` (see [TrainingState]); what a finished or improved model looks like
/// on disk is the caller's business ([Output]).
public final class TrainingRun {
    /// Name of the checkpoint in the run's directory.
    public static final String STATE_FILE = "training_state.safetensors";

    /// Writes the current weights as something that people use, such as an adapter directory.
    @FunctionalInterface
    public interface Output {
        void write();
    }

    private final Trainer<?> trainer;
    private final Evaluator evaluator;
    private final Path stateFile;
    private final String fingerprint;
    private final Output best;
    private TrainingState state = TrainingState.start();

    /// @param evaluator   held-out data, or null to evaluate nothing
    /// @param fingerprint everything that must be equal for a resumed run to make sense
    /// @param best        writes the current weights, called whenever they are the best so far (at the end if nothing
    ///                    is evaluated)
    public TrainingRun(Trainer<?> trainer, Evaluator evaluator, Path directory, String fingerprint, Output best) {
        this.trainer = trainer;
        this.evaluator = evaluator;
        this.stateFile = directory.resolve(STATE_FILE);
        this.fingerprint = fingerprint;
        this.best = best;
    }

    /// Continues from the checkpoint if there is one; returns the number of steps made before.
    public long resume() {
        if (Files.exists(stateFile)) {
            state = TrainingState.read(stateFile, trainer.pool().backend(), trainer.optimizer(), fingerprint);
        }
        return state.step();
    }

    /// Makes all remaining steps.
    ///
    /// @return the state after the last one
    public TrainingState run(List<TrainingListener> listeners) {
        TrainingSettings settings = trainer.settings();
        while (trainer.optimizer().steps() < settings.steps()) {
            StepResult result = trainer.step();
            listeners.forEach(listener -> listener.onStep(result));
            boolean last = result.step() == settings.steps();
            if (last || due(result.step(), settings.evalEvery())) {
                evaluate(result.step(), last, listeners);
            }
            state = new TrainingState(result.step(), state.bestStep(), state.bestScore());
            if (last || due(result.step(), settings.saveEvery())) {
                state.write(stateFile, trainer.pool().backend(), trainer.optimizer(), fingerprint);
                listeners.forEach(listener -> listener.onSaved(result.step()));
            }
        }
        return state;
    }

    private static boolean due(long step, long every) {
        return every > 0 && step % every == 0;
    }

    private void evaluate(long step, boolean last, List<TrainingListener> listeners) {
        if (evaluator == null) {
            if (last) {
                best.write();
            }
            return;
        }
        Evaluation evaluation = evaluator.evaluate();
        double score = Double.isNaN(evaluation.score()) ? Double.NEGATIVE_INFINITY : evaluation.score();
        boolean improved = state.bestStep() == 0 || score > state.bestScore();
        if (improved) {
            state = new TrainingState(step, step, score);
            best.write();
        }
        listeners.forEach(listener -> listener.onEvaluation(step, evaluation, improved));
    }
}
