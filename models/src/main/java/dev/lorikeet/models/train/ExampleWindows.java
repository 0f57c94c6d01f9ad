package dev.lorikeet.models.train;

import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.EpochPosition;
import dev.lorikeet.models.data.Examples;
import java.util.ArrayList;
import java.util.List;

/// Shuffled examples, epoch after epoch, in windows of `accumulate` micro-batches of the same number of sequences.
/// Which examples step `s` holds follows from the batches' seed and `s` alone.
///
/// @param <B> the kind of batch
public final class ExampleWindows<B extends Batch<B>> implements TrainingData<B> {
    private final Batches<B> batches;
    private final int accumulate;
    private final int perEpoch;

    /// @param batches    of a number of sequences, without a limit of rows
    /// @param accumulate micro-batches per step
    public ExampleWindows(Batches<B> batches, int accumulate) {
        this.batches = batches;
        this.accumulate = accumulate;
        this.perEpoch = batches.batchesIn(0);
    }

    /// Examples of a language model in random order.
    public static ExampleWindows<TokenBatch> of(Examples examples, int perBatch, int accumulate, long seed) {
        return new ExampleWindows<>(Batches.shuffled(examples, BatchSize.ofSequences(perBatch), seed), accumulate);
    }

    @Override
    public List<B> window(long step) {
        List<B> window = new ArrayList<>(accumulate);
        for (int i = 0; i < accumulate; i++) {
            long batch = step * accumulate + i;
            int index = Math.toIntExact(batch % perEpoch * batches.size().sequences());
            batches.restore(new EpochPosition(Math.toIntExact(batch / perEpoch), index));
            window.add(batches.next());
        }
        return window;
    }
}
