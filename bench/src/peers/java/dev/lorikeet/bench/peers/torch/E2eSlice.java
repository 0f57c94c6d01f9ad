package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.E2e;
import dev.lorikeet.models.data.Example;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.data.PromptLayout;
import dev.lorikeet.models.data.TextPair;
import dev.lorikeet.models.text.Tokenizers;
import dev.lorikeet.models.train.ExampleWindows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where the real E2E NLG data lies and how it becomes batches: GPT-2's tokens, true lengths, prompts unlabelled,
/// shuffled by a seed.
///
/// @param data   the training file in the paper's form
/// @param tokens a directory with GPT-2's tokenizer
record E2eSlice(Path data, Path tokens) {
    /// Sequences of a batch, as the paper trains.
    static final int BATCH = 8;

    private static final long SEED = 11;

    /// The data beside the checkout (`../shared/data`).
    ///
    /// @param bench the folder of this module
    static E2eSlice beside(Path bench) {
        Path data = bench.resolve("../../shared/data").normalize();
        return new E2eSlice(data.resolve("e2e/train.txt.gz"), data.resolve("gpt2-bpe"));
    }

    /// What is missing, if anything.
    Optional<Path> missing() {
        return List.of(data, tokens).stream().filter(path -> !Files.exists(path)).findFirst();
    }

    /// Batches by step; examples are tokenised when they are asked for.
    ExampleWindows<TokenBatch> windows() {
        List<TextPair> pairs = E2e.pairs(data);
        PromptLayout layout = new PromptLayout(Tokenizers.open(tokens));
        return ExampleWindows.of(new Examples() {
            @Override
            public int size() {
                return pairs.size();
            }

            @Override
            public Example get(int i) {
                return layout.example(pairs.get(i));
            }
        }, BATCH, 1, SEED);
    }
}
