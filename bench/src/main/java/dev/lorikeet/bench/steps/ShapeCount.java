package dev.lorikeet.bench.steps;

import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How much a device gains that is asked for the same again whenever a batch has a shape that it knows
/// ([dev.lorikeet.tensor.Backend#capturesGraphs]).
///
/// @param steps         batches
/// @param shapes        different ones
/// @param repeated      share of the steps whose shape came before
/// @param fillingRows   rows that fill batches up, as a share of the batches' own
/// @param fillingLabels the same of the rows that have labels; 0 if texts have labels, not tokens
public record ShapeCount(int steps, int shapes, double repeated, double fillingRows, double fillingLabels) {
    /// Of batches as they are, which are alike only if all their sequences are as long.
    public static ShapeCount asTheyAre(List<? extends Batch<?>> batches) {
        return of(batches, false);
    }

    /// Of batches that are [filled up][Batch#filledUp].
    public static ShapeCount filledUp(List<? extends Batch<?>> batches) {
        return of(batches, true);
    }

    private static ShapeCount of(List<? extends Batch<?>> batches, boolean filled) {
        Map<Object, Integer> shapes = new HashMap<>();
        long[] rows = new long[2];
        long[] labels = new long[2];
        for (Batch<?> batch : batches) {
            TokenBatch own = tokens(batch);
            TokenBatch given = filled ? tokens(batch.filledUp()) : own;
            rows[0] += own.ids().length;
            rows[1] += given.ids().length;
            labels[0] += own.rows().length;
            labels[1] += given.rows().length;
            Object shape = filled ? batch.filledUp().shape() : List.of(own.sequences().toString(), own.rows().length);
            shapes.merge(shape, 1, Integer::sum);
        }
        return new ShapeCount(batches.size(), shapes.size(), 1 - (double) shapes.size() / batches.size(),
                more(rows), more(labels));
    }

    private static TokenBatch tokens(Batch<?> batch) {
        return batch instanceof LabelledBatch labelled ? labelled.text() : (TokenBatch) batch;
    }

    private static double more(long[] ownAndGiven) {
        return ownAndGiven[0] == 0 ? 0 : (double) ownAndGiven[1] / ownAndGiven[0] - 1;
    }
}
