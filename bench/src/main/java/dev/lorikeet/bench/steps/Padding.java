package dev.lorikeet.bench.steps;

import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.tensor.Sequences;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// To which length the texts of a batch are padded on the right by those who cannot do without.
///
/// @param fixed the length of all batches; if empty the longest text of each batch decides (dynamic padding)
public record Padding(OptionalInt fixed) {
    /// The longest text of each batch decides.
    public static final Padding LONGEST = new Padding(OptionalInt.empty());

    /// All batches have this length.
    public static Padding to(int length) {
        return new Padding(OptionalInt.of(length));
    }

    /// Tokens of each padded text of a batch.
    ///
    /// @throws IllegalArgumentException if a text is longer
    public int length(Sequences texts) {
        int length = fixed.orElse(texts.longest());
        if (texts.longest() > length) {
            throw new IllegalArgumentException(
                    "cannot pad a text of %d tokens to %d".formatted(texts.longest(), length));
        }
        return length;
    }

    /// Ids of all texts, `(B, T)`, row by row.
    public int[] ids(LabelledBatch batch, int padding) {
        Sequences texts = batch.text().sequences();
        int length = length(texts);
        int[] ids = new int[Math.multiplyExact(texts.count(), length)];
        Arrays.fill(ids, padding);
        for (int s = 0; s < texts.count(); s++) {
            System.arraycopy(batch.text().ids(), texts.start(s), ids, s * length, texts.length(s));
        }
        return ids;
    }

    /// The padded batch for an engine that takes padding for text, as ours does: the work of a padded step, less the
    /// mask.
    public LabelledBatch of(LabelledBatch batch, int padding) {
        int[] ids = ids(batch, padding);
        int length = length(batch.text().sequences());
        List<int[]> texts = new ArrayList<>();
        for (int from = 0; from < ids.length; from += length) {
            texts.add(Arrays.copyOfRange(ids, from, from + length));
        }
        return LabelledBatch.of(texts, batch.labels());
    }

    @Override
    public String toString() {
        return fixed.isPresent() ? "padded to " + fixed.getAsInt() : "padded to the longest";
    }
}
