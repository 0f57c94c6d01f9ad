package dev.lorikeet.models.data;

import java.util.Comparator;
import java.util.stream.IntStream;

/// An order in which the examples of a batch are of about the same length: the shuffled examples are cut into windows
/// of [#WINDOW_BATCHES] batches, each window is sorted by length and its batches are shuffled. The batch that is not
/// full stays the last one.
final class LengthGroups implements Order {
    private static final int WINDOW_BATCHES = 50;

    private final int[] order;

    LengthGroups(Sized examples, int sequences, long seed, long epoch) {
        Permutation shuffled = new Permutation(examples.size(), seed, epoch);
        order = new int[examples.size()];
        int window = Math.multiplyExact(WINDOW_BATCHES, sequences);
        for (int from = 0; from < order.length; from += window) {
            int[] sorted = IntStream.range(from, Math.min(from + window, order.length)).map(shuffled::at).boxed()
                    .sorted(Comparator.comparingInt((Integer i) -> -examples.rows(i)).thenComparing(i -> i))
                    .mapToInt(i -> i).toArray();
            int full = sorted.length / sequences;
            Permutation batches = full == 0 ? null : new Permutation(full, SplitMix.key(seed, from), epoch);
            for (int i = 0; i < sorted.length; i++) {
                int batch = i / sequences;
                int to = batch < full ? batches.at(batch) * sequences + i % sequences : i;
                order[from + to] = sorted[i];
            }
        }
    }

    @Override
    public int at(int i) {
        return order[i];
    }
}
