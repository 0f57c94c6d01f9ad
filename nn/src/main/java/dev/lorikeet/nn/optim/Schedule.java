package dev.lorikeet.nn.optim;

/// Learning-rate factor of each step, steps counted from 0. With warm-up the first step has factor 0, as in the
/// reference libraries.
@FunctionalInterface
public interface Schedule {
    double factor(long step);

    /// 1 after `warmup` steps of linear increase.
    static Schedule constant(long warmup) {
        return step -> step < warmup ? (double) step / warmup : 1;
    }

    /// Linear increase over `warmup` steps, then linear decrease to 0 at step `total`.
    static Schedule linear(long warmup, long total) {
        return step -> step < warmup
                ? (double) step / Math.max(1, warmup)
                : Math.max(0, (double) (total - step) / Math.max(1, total - warmup));
    }

    /// Linear increase over `warmup` steps, then `½(1 + cos(2π·cycles·progress))`; half a cycle falls to 0 at `total`.
    static Schedule cosine(long warmup, long total, double cycles) {
        return step -> {
            if (step < warmup) {
                return (double) step / Math.max(1, warmup);
            }
            double progress = (double) (step - warmup) / Math.max(1, total - warmup);
            return Math.max(0, 0.5 * (1 + Math.cos(2 * Math.PI * cycles * progress)));
        };
    }

    /// Linear increase over `warmup` steps, then `restarts` half cosines from 1 to 0 up to step `total`.
    static Schedule cosineRestarts(long warmup, long total, long restarts) {
        return step -> {
            if (step < warmup) {
                return (double) step / Math.max(1, warmup);
            }
            double progress = (double) (step - warmup) / Math.max(1, total - warmup);
            return progress >= 1 ? 0 : Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (restarts * progress % 1))));
        };
    }

    /// Linear increase over `warmup` steps, then `(1 − end)·(1 − progress)^power + end`, and `end` after `total`.
    static Schedule polynomial(long warmup, long total, double power, double end) {
        return step -> {
            if (step < warmup) {
                return (double) step / Math.max(1, warmup);
            }
            double left = step > total ? 0 : 1 - (double) (step - warmup) / Math.max(1, total - warmup);
            return (1 - end) * Math.pow(left, power) + end;
        };
    }

    /// Linear increase over `warmup` steps, then `√(warmup / step)`.
    static Schedule inverseRoot(long warmup) {
        return step -> step < warmup
                ? (double) step / Math.max(1, warmup)
                : Math.sqrt((double) Math.max(1, warmup) / Math.max(1, step));
    }

    /// The cosine of the paper's GPT-2 example (loralib): linear increase over `warmup` steps, then `½(1 + cos(π·step /
    /// total))`. The cosine runs over all steps, so the factor drops when the warm-up ends.
    static Schedule paperCosine(long warmup, long total) {
        return step -> step < warmup
                ? (double) step / warmup
                : step >= total ? 0 : 0.5 * (1 + Math.cos(Math.PI * step / total));
    }
}
