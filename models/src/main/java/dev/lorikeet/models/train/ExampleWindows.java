package dev.lorikeet.models.train;

import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.data.Position;
import java.util.ArrayList;
import java.util.List;

/// Shuffled examples, epoch after epoch, in windows of `accumulate` micro-batches of `perBatch` sequences. Which
/// examples step `s` holds follows from the seed and `s` alone.
public final class ExampleWindows implements TrainingData {
    private final Batches batches;
    private final int perBatch;
    private final int accumulate;
    private final long perEpoch;

    public ExampleWindows(Examples examples, int perBatch, int accumulate, long seed) {
        this.batches = Batches.shuffled(examples, BatchSize.ofSequences(perBatch), seed);
        this.perBatch = perBatch;
        this.accumulate = accumulate;
        this.perEpoch = (examples.size() + perBatch - 1) / perBatch;
    }

    @Override
    public List<TokenBatch> window(long step) {
        List<TokenBatch> window = new ArrayList<>(accumulate);
        for (int i = 0; i < accumulate; i++) {
            long batch = step * accumulate + i;
            batches.restore(new Position((int) (batch / perEpoch), (int) (batch % perEpoch) * perBatch));
            window.add(batches.next());
        }
        return window;
    }

    /// Held-out batches in their order, at most `limit` examples (0: all).
    public static List<TokenBatch> inOrder(Examples examples, int perBatch, int limit) {
        int count = limit == 0 ? examples.size() : Math.min(limit, examples.size());
        List<TokenBatch> held = new ArrayList<>();
        Batches batches = Batches.inOrder(examples, BatchSize.ofSequences(perBatch));
        for (int done = 0; done < count; done += perBatch) {
            held.add(batches.next());
        }
        return held;
    }
}
