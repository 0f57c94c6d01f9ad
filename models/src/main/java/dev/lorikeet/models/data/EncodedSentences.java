package dev.lorikeet.models.data;

import dev.lorikeet.models.batch.LabelledBatch;
import java.util.Arrays;
import java.util.List;

/// Labelled sentences as token ids, none longer than the layout allows.
public final class EncodedSentences implements Sized {
    private final int[][] ids;
    private final double[] labels;
    private final int cut;

    private EncodedSentences(int[][] ids, double[] labels, int cut) {
        this.ids = ids;
        this.labels = labels;
        this.cut = cut;
    }

    /// @throws IllegalArgumentException if there is none
    public static EncodedSentences of(List<LabelledSentences> sentences, SentenceLayout layout) {
        if (sentences.isEmpty()) {
            throw new IllegalArgumentException("no sentences");
        }
        int[][] ids = new int[sentences.size()][];
        int cut = 0;
        for (int i = 0; i < ids.length; i++) {
            LabelledSentences each = sentences.get(i);
            ids[i] = layout.ids(each.first(), each.second());
            cut += ids[i].length == layout.maxLength() && layout.cuts(each.first(), each.second()) ? 1 : 0;
        }
        return new EncodedSentences(ids, sentences.stream().mapToDouble(LabelledSentences::label).toArray(), cut);
    }

    @Override
    public int size() {
        return ids.length;
    }

    @Override
    public int rows(int i) {
        return ids[i].length;
    }

    /// How many lost tokens.
    public int cut() {
        return cut;
    }

    /// The labels in the sentences' order.
    public double[] labels() {
        return labels.clone();
    }

    /// A batch of some of them; the same in every epoch.
    public LabelledBatch pack(int epoch, int... chosen) {
        return LabelledBatch.of(
                Arrays.stream(chosen).mapToObj(i -> ids[i]).toList(),
                Arrays.stream(chosen).mapToDouble(i -> labels[i]).toArray());
    }
}
