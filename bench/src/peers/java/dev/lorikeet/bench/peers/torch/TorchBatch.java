package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.batch.TokenBatch;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/// A batch padded on the right. With causal attention the padding needs no mask: no real token attends to it, and its
/// own rows have the label −100.
///
/// @param ids    `(B, T)`
/// @param labels `(B·T)`: what each row shall predict, or −100
public record TorchBatch(Tensor ids, Tensor labels) implements AutoCloseable {
    /// Pads the sequences of a ragged batch to `length`, at least the longest.
    public static TorchBatch padded(TokenBatch batch, int length) {
        int count = batch.sequences().count();
        if (length < batch.sequences().longest()) {
            throw new IllegalArgumentException("cannot pad a sequence of %d tokens to %d"
                    .formatted(batch.sequences().longest(), length));
        }
        int[] next = new int[batch.tokens()];
        Arrays.fill(next, TokenBatch.IGNORED);
        for (int i = 0; i < batch.labelled(); i++) {
            next[batch.rows()[i]] = batch.targets()[i];
        }
        int[] ids = new int[count * length];
        int[] labels = new int[ids.length];
        Arrays.fill(labels, TokenBatch.IGNORED);
        for (int s = 0; s < count; s++) {
            int start = batch.sequences().start(s);
            System.arraycopy(batch.ids(), start, ids, s * length, batch.sequences().length(s));
            System.arraycopy(next, start, labels, s * length, batch.sequences().length(s));
        }
        return new TorchBatch(TorchTensors.longs(ids, count, length), TorchTensors.longs(labels, ids.length));
    }

    /// Pads to the longest sequence.
    public static TorchBatch padded(TokenBatch batch) {
        return padded(batch, batch.sequences().longest());
    }

    @Override
    public void close() {
        ids.close();
        labels.close();
    }
}
