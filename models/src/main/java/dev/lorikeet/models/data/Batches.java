package dev.lorikeet.models.data;

import dev.lorikeet.models.batch.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// Gives out batches without end, epoch after epoch; a batch never spans two epochs, so the last one of an epoch may be
/// smaller.
///
/// The order of an epoch is a function of (seed, epoch) alone, so an [EpochPosition] restores everything: training that
/// was interrupted sees the same batches as training that was not. The loop over three epochs is
/// ```java
/// while (batches.position().epoch() < 3) {
///     step(batches.next());
/// }
/// ```
/// For one thread.
///
/// @param <B> the kind of batch
public final class Batches<B> {
    private final Sized examples;
    private final BatchSize size;
    private final IntFunction<Order> orders;
    private final Packer<B> packer;
    private EpochPosition position = EpochPosition.START;
    private Order order;

    private Batches(Sized examples, BatchSize size, IntFunction<Order> orders, Packer<B> packer) {
        this.examples = examples;
        this.size = size;
        this.orders = orders;
        this.packer = packer;
        for (int i = 0; size.limitsRows() && i < examples.size(); i++) {
            if (examples.rows(i) > size.rows()) {
                throw new IllegalArgumentException(("example %d has %d rows, a batch at most %d: limit the examples "
                        + "(LimitedExamples) or raise the batch's rows").formatted(i, examples.rows(i), size.rows()));
            }
        }
        order = orders.apply(0);
    }

    /// For training: another order in each epoch.
    ///
    /// @throws IllegalArgumentException if an example alone is too long for a batch
    public static Batches<TokenBatch> shuffled(Examples examples, BatchSize size, long seed) {
        return shuffled(examples, size, seed, Packing.of(examples));
    }

    /// As [#shuffled(Examples, BatchSize, long)] for any kind of batch.
    public static <B> Batches<B> shuffled(Sized examples, BatchSize size, long seed, Packer<B> packer) {
        return new Batches<>(examples, size, epoch -> new Permutation(examples.size(), seed, epoch), packer);
    }

    /// For training: another order in each epoch, in which examples of about the same length stand in one batch, so
    /// that the longest batch is not much longer than the others of its neighbourhood.
    public static <B> Batches<B> byLength(Sized examples, int sequences, long seed, Packer<B> packer) {
        return new Batches<>(examples, BatchSize.ofSequences(sequences),
                epoch -> new LengthGroups(examples, sequences, seed, epoch), packer);
    }

    /// As [#byLength(Sized, int, long, Packer)] for texts.
    public static Batches<TokenBatch> byLength(Examples examples, int sequences, long seed) {
        return byLength(examples, sequences, seed, Packing.of(examples));
    }

    /// For evaluation: the examples as they stand.
    ///
    /// @throws IllegalArgumentException if an example alone is too long for a batch
    public static Batches<TokenBatch> inOrder(Examples examples, BatchSize size) {
        return inOrder(examples, size, Packing.of(examples));
    }

    /// As [#inOrder(Examples, BatchSize)] for any kind of batch.
    public static <B> Batches<B> inOrder(Sized examples, BatchSize size, Packer<B> packer) {
        return new Batches<>(examples, size, _ -> i -> i, packer);
    }

    /// The next batch; afterwards [#position] is behind it, at index 0 of the next epoch if it was the last one.
    public B next() {
        int epoch = position.epoch();
        int[] chosen = new int[countFrom(order, position.index())];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = order.at(position.index() + i);
        }
        int index = position.index() + chosen.length;
        restore(index < examples.size() ? new EpochPosition(position.epoch(), index)
                : new EpochPosition(Math.addExact(position.epoch(), 1), 0));
        return packer.pack(epoch, chosen);
    }

    /// How much goes into each.
    public BatchSize size() {
        return size;
    }

    /// The batches from the start that hold the first `limit` examples.
    public List<B> first(int limit) {
        restore(EpochPosition.START);
        List<B> batches = new ArrayList<>();
        while (position.epoch() == 0 && position.index() < limit) {
            batches.add(next());
        }
        return batches;
    }

    /// Where the next batch starts.
    public EpochPosition position() {
        return position;
    }

    /// Goes to a position that [#position] gave, here or in another run with the same examples, size and seed.
    ///
    /// @throws IllegalArgumentException if there are fewer examples than the position says
    public void restore(EpochPosition to) {
        if (to.index() >= examples.size()) {
            throw new IllegalArgumentException(("position %d of epoch %d, but there are %d examples: it belongs to "
                    + "other data").formatted(to.index(), to.epoch(), examples.size()));
        }
        if (to.epoch() != position.epoch()) {
            order = orders.apply(to.epoch());
        }
        position = to;
    }

    /// Number of batches of an epoch. With a limit of rows it may differ from epoch to epoch.
    public int batchesIn(int epoch) {
        if (!size.limitsRows()) {
            return Math.ceilDiv(examples.size(), size.sequences());
        }
        Order of = orders.apply(epoch);
        int batches = 0;
        for (int index = 0; index < examples.size(); index += countFrom(of, index)) {
            batches++;
        }
        return batches;
    }

    /// How many examples the batch takes that starts at `index`: at least 1.
    private int countFrom(Order of, int index) {
        int most = Math.min(size.sequences(), examples.size() - index);
        if (!size.limitsRows()) {
            return most;
        }
        int count = 0;
        for (long rows = 0; count < most; count++) {
            rows += examples.rows(of.at(index + count));
            if (rows > size.rows()) {
                break;
            }
        }
        return count;
    }
}
