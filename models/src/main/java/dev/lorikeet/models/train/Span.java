package dev.lorikeet.models.train;

/// How long something takes in a training run: optimizer steps, passes over the data, or a share of the whole run.
public sealed interface Span {
    /// A number of optimizer steps.
    record Steps(long steps) implements Span {
        @Override
        public long in(long batches, int accumulate, long total) {
            return steps;
        }

        @Override
        public String toString() {
            return steps + " steps";
        }
    }

    /// A number of passes over the training data.
    record Epochs(int epochs) implements Span {
        @Override
        public long in(long batches, int accumulate, long total) {
            return Math.ceilDiv(batches * epochs, accumulate);
        }

        @Override
        public String toString() {
            return epochs + " epochs";
        }
    }

    /// A share of all steps of the run.
    record Share(double share) implements Span {
        @Override
        public long in(long batches, int accumulate, long total) {
            return (long) Math.ceil(share * total);
        }

        @Override
        public String toString() {
            return share + " of all steps";
        }
    }

    /// In optimizer steps, rounded up.
    ///
    /// @param batches    of one pass over the data
    /// @param accumulate batches of a step
    /// @param total      steps of the run
    long in(long batches, int accumulate, long total);

    static Span steps(long steps) {
        return new Steps(steps);
    }

    static Span epochs(int epochs) {
        return new Epochs(epochs);
    }

    static Span share(double share) {
        return new Share(share);
    }

    /// Never before the end.
    static Span atTheEnd() {
        return new Steps(0);
    }
}
