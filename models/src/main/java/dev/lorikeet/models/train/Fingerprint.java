package dev.lorikeet.models.train;

import dev.lorikeet.models.base.BaseModel;
import java.nio.file.Path;

/// What decides the numbers of a run, as one text: a run is resumed only if its beginning had the same. How often a
/// checkpoint is written and whether blocks are computed again is not part of it, since neither changes a number.
final class Fingerprint {
    private Fingerprint() {}

    static String of(FineTuning<?, ?> tuning, BaseModel base, TaskExamples<?, ?> examples, long seed) {
        TrainingPlan plan = tuning.plan();
        return ("fine-tuning base=%s base-dtype=%s %s examples=%d max-length=%d model-dropout=%s %s length=%s batch=%d "
                + "accumulate=%d at-once=%s by-length=%b lr=%s schedule=%s warmup=%s wd=%s of %s clip=%s smoothing=%s "
                + "eval=%s %s seed=%d").formatted(
                        name(base.directory()), base.store().base(), tuning.data().fingerprint(), examples.size(),
                        examples.maxLength(), tuning.modelDropout(), tuning.method(), plan.length(), plan.batch(),
                        plan.accumulate(), plan.tokensAtOnce(), plan.groupByLength(), plan.lr(), plan.shape(),
                        plan.warmup(), plan.weightDecay(), plan.decays(), plan.clip(), plan.smoothing(),
                        plan.evalEvery(), plan.optimizer(), seed);
    }

    /// The last part of a path: files may be moved between a run's beginning and its end.
    static String name(Path file) {
        return file == null ? null : file.toAbsolutePath().normalize().getFileName().toString();
    }
}
