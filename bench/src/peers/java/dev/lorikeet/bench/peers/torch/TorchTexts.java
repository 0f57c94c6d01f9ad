package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.steps.Padding;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.roberta.RobertaPositions;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Texts padded on the right, one class each.
///
/// @param ids       `(B, T)`
/// @param positions `(B, T)`
/// @param mask      `(B, 1, 1, T)`: 0 for a token, −∞ for padding; null if there is none, as transformers leaves it out
/// @param labels    `(B)`
public record TorchTexts(Tensor ids, Tensor positions, Tensor mask, Tensor labels) implements AutoCloseable {
    /// Pads the texts of a ragged batch.
    public static TorchTexts padded(LabelledBatch batch, RobertaConfig config, Padding padding) {
        Sequences texts = batch.text().sequences();
        int count = texts.count();
        int length = padding.length(texts);
        int[] ids = padding.ids(batch, config.padTokenId());
        int[] lengths = new int[count];
        Arrays.fill(lengths, length);
        int[] positions = RobertaPositions.of(ids, Sequences.of(lengths), config.padTokenId());
        boolean ragged = IntStream.range(0, count).anyMatch(s -> texts.length(s) < length);
        return new TorchTexts(
                TorchTensors.longs(ids, count, length), TorchTensors.longs(positions, count, length),
                ragged ? mask(texts, length) : null,
                TorchTensors.longs(batch.classes(config.labels().size()), count));
    }

    private static Tensor mask(Sequences texts, int length) {
        float[] mask = new float[texts.count() * length];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (int s = 0; s < texts.count(); s++) {
            Arrays.fill(mask, s * length, s * length + texts.length(s), 0);
        }
        return Tensor.create(mask, texts.count(), 1, 1, length);
    }

    @Override
    public void close() {
        ids.close();
        positions.close();
        if (mask != null) {
            mask.close();
        }
        labels.close();
    }
}
