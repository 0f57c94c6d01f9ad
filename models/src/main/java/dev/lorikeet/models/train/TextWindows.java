package dev.lorikeet.models.train;

import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Pretraining data: windows of equal length at random places of one long token stream, every token but a window's first to
/// be predicted. Window `i` of step `s` is a pure function of the seed, `s` and `i`.
public final class TextWindows implements TrainingData {
    private final char[] stream;
    private final int length;
    private final int perBatch;
    private final int batches;
    private final RandomKey key;

    /// @param stream   token ids, each below 65,536
    /// @param length   tokens per window
    /// @param perBatch windows per micro-batch
    /// @param batches  micro-batches per step
    /// @throws IllegalArgumentException if the stream is shorter than a window
    public TextWindows(char[] stream, int length, int perBatch, int batches, long seed) {
        if (stream.length < length) {
            throw new IllegalArgumentException(
                    "the text has %d tokens, a window needs %d; give more text or shorter windows"
                            .formatted(stream.length, length));
        }
        this.stream = stream;
        this.length = length;
        this.perBatch = perBatch;
        this.batches = batches;
        this.key = new RandomKey(seed, 0x7e87);
    }

    @Override
    public List<TokenBatch> window(long step) {
        List<TokenBatch> window = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            List<int[]> sequences = new ArrayList<>();
            for (int i = 0; i < perBatch; i++) {
                long draw = (step * batches + b) * perBatch + i;
                long word = Philox.word(key, draw) & 0xFFFFFFFFL;
                sequences.add(ids((int) (word * (stream.length - length + 1L) >>> 32)));
            }
            window.add(TokenBatch.of(sequences));
        }
        return window;
    }

    /// Consecutive windows from the beginning, for evaluation: at most `count` of them.
    public List<TokenBatch> consecutive(int count) {
        List<TokenBatch> held = new ArrayList<>();
        List<int[]> sequences = new ArrayList<>();
        for (int i = 0; i < count && (i + 1L) * length <= stream.length; i++) {
            sequences.add(ids(i * length));
            if (sequences.size() == perBatch) {
                held.add(TokenBatch.of(sequences));
                sequences = new ArrayList<>();
            }
        }
        if (!sequences.isEmpty()) {
            held.add(TokenBatch.of(sequences));
        }
        return held;
    }

    private int[] ids(int from) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> stream[from + i]);
        return ids;
    }
}
