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
}
