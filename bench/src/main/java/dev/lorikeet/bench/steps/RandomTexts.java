package dev.lorikeet.bench.steps;

import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.Sized;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.ExampleWindows;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Texts of given lengths with random words and a class each: what a step costs depends on lengths alone.
///
/// @param config  whose vocabulary and classes
/// @param lengths how many texts, and how long each is
record RandomTexts(RobertaConfig config, Sized lengths) {
    private static final long SEED = 5;
    /// Ids below are special tokens.
    private static final int FIRST_WORD = 4;

    /// All of them in one batch.
    LabelledBatch batch() {
        return batch(IntStream.range(0, lengths.size()).toArray());
    }

    /// Batches by step, shuffled: the same ones for everybody who asks.
    ///
    /// @param texts texts of a batch
    ExampleWindows<LabelledBatch> batches(int texts) {
        return new ExampleWindows<LabelledBatch>(
                Batches.shuffled(lengths, BatchSize.ofSequences(texts), SEED, (_, chosen) -> batch(chosen)), 1);
    }

    private LabelledBatch batch(int... chosen) {
        List<int[]> texts = new ArrayList<>();
        for (int s : chosen) {
            int[] ids = new int[lengths.rows(s)];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = FIRST_WORD + Integer.remainderUnsigned(
                        Philox.word(new RandomKey(SEED, s), t), config.vocabSize() - FIRST_WORD);
            }
            texts.add(ids);
        }
        int classes = config.labels().size();
        return LabelledBatch.of(texts, Arrays.stream(chosen).mapToDouble(s -> s % classes).toArray());
    }
}
