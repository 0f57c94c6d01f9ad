package dev.lorikeet.models.batch;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A ragged batch with one label for each sequence.
///
/// @param text   the sequences; no token of them is to be predicted
/// @param labels for each sequence its class, counted from 0, or a number (regression)
public record LabelledBatch(TokenBatch text, double[] labels) implements Batch<LabelledBatch> {
    public LabelledBatch {
        if (labels.length != text.sequences().realCount()) {
            throw new IllegalArgumentException("%d labels for %d sequences".formatted(
                    labels.length, text.sequences().realCount()));
        }
    }

    /// @param tokens the sequences
    /// @param labels one for each
    public static LabelledBatch of(List<int[]> tokens, double... labels) {
        return new LabelledBatch(TokenBatch.unlabelled(tokens), labels);
    }

    @Override
    public int tokens() {
        return text.tokens();
    }

    @Override
    public int labelled() {
        return labels.length;
    }

    @Override
    public Object shape() {
        return List.of(text.shape(), labels.length);
    }

    /// With rows only: batches of a training run have the same number of texts, but for the last one of an epoch.
    @Override
    public LabelledBatch filledUp() {
        return new LabelledBatch(text.filledUp(), labels);
    }

    @Override
    public List<LabelledBatch> split(int tokens) {
        int[] cuts = text.cuts(tokens);
        return cuts.length <= 2 ? List.of(this) : IntStream.range(1, cuts.length)
                .mapToObj(i -> new LabelledBatch(
                        text.part(cuts[i - 1], cuts[i]), Arrays.copyOfRange(labels, cuts[i - 1], cuts[i])))
                .toList();
    }

    /// The labels as class numbers.
    ///
    /// @throws IllegalArgumentException if one is not a whole number of `[0, classes)`
    public int[] classes(int classes) {
        for (double label : labels) {
            if (!(label >= 0 && label < classes && label == Math.rint(label))) {
                throw new IllegalArgumentException(
                        "label %s is not one of the %d classes 0 to %d".formatted(label, classes, classes - 1));
            }
        }
        return Arrays.stream(labels).mapToInt(label -> (int) label).toArray();
    }
}
