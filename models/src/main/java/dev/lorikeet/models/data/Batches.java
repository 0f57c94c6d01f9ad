package dev.lorikeet.models.data;

import dev.lorikeet.models.TokenBatch;
import java.util.ArrayList;
import java.util.List;

/// Gives out batches without end, epoch after epoch; a batch never spans two epochs, so the last one of an epoch may be
/// smaller.
///
/// The order of an epoch is a function of (seed, epoch) alone, so a [Position] restores everything: training that was
/// interrupted sees the same batches as training that was not. The loop over three epochs is
/// ```java
/// while (batches.position().epoch() < 3) {
///     step(batches.next());
/// }
/// ```
/// For one thread.
public final class Batches {
    private final Examples examples;
    private final BatchSize size;
    private final boolean shuffled;
    private final long seed;
    private Position position = Position.START;
    private Permutation order;

    private Batches(Examples examples, BatchSize size, boolean shuffled, long seed) {
        this.examples = examples;
        this.size = size;
        this.shuffled = shuffled;
        this.seed = seed;
        for (int i = 0; size.limitsRows() && i < examples.size(); i++) {
            if (examples.rows(i) > size.rows()) {
                throw new IllegalArgumentException(("example %d has %d rows, a batch at most %d: limit the examples "
                        + "(LimitedExamples) or raise the batch's rows").formatted(i, examples.rows(i), size.rows()));
            }
        }
        order = order(0);
    }

    /// For training: another order in each epoch.
    ///
    /// @throws IllegalArgumentException if an example alone is too long for a batch
    public static Batches shuffled(Examples examples, BatchSize size, long seed) {
        return new Batches(examples, size, true, seed);
    }

    /// For evaluation: the examples as they stand.
    ///
    /// @throws IllegalArgumentException if an example alone is too long for a batch
    public static Batches inOrder(Examples examples, BatchSize size) {
        return new Batches(examples, size, false, 0);
    }

    /// The next batch; afterwards [#position] is behind it, at index 0 of the next epoch if it was the last one.
    public TokenBatch next() {
        int count = countFrom(order, position.index());
        List<Example> chosen = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            chosen.add(examples.get(example(order, position.index() + i)));
        }
        int index = position.index() + count;
        restore(index < examples.size() ? new Position(position.epoch(), index)
                : new Position(Math.addExact(position.epoch(), 1), 0));
        return Packing.pack(chosen);
    }

    /// Where the next batch starts.
    public Position position() {
        return position;
    }

    /// Goes to a position that [#position] gave, here or in another run with the same examples, size and seed.
    ///
    /// @throws IllegalArgumentException if there are fewer examples than the position says
    public void restore(Position to) {
        if (to.index() >= examples.size()) {
            throw new IllegalArgumentException(("position %d of epoch %d, but there are %d examples: it belongs to "
                    + "other data").formatted(to.index(), to.epoch(), examples.size()));
        }
        if (to.epoch() != position.epoch()) {
            order = order(to.epoch());
        }
        position = to;
    }

    /// Number of batches of an epoch. With a limit of rows it may differ from epoch to epoch.
    public int batchesIn(int epoch) {
        if (!size.limitsRows()) {
            return Math.ceilDiv(examples.size(), size.sequences());
        }
        Permutation of = order(epoch);
        int batches = 0;
        for (int index = 0; index < examples.size(); index += countFrom(of, index)) {
            batches++;
        }
        return batches;
    }

    private Permutation order(int epoch) {
        return new Permutation(examples.size(), seed, epoch);
    }

    private int example(Permutation of, int index) {
        return shuffled ? of.at(index) : index;
    }

    /// How many examples the batch takes that starts at `index`: at least 1.
    private int countFrom(Permutation of, int index) {
        int most = Math.min(size.sequences(), examples.size() - index);
        if (!size.limitsRows()) {
            return most;
        }
        int count = 0;
        for (long rows = 0; count < most; count++) {
            rows += examples.rows(example(of, index + count));
            if (rows > size.rows()) {
                break;
            }
        }
        return count;
    }
}
