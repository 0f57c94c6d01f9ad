package dev.lorikeet.models.train;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.MaskedText;
import dev.lorikeet.models.data.PlainText;
import dev.lorikeet.models.data.SentenceLayout;
import dev.lorikeet.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/// What a model is pretrained on.
///
/// @param batches to train on
/// @param heldOut to evaluate on
/// @param tokens  of the text
public record PretrainingText(Batches<TokenBatch> batches, HeldOut heldOut, long tokens) {
    /// Blocks in which every next token is to be predicted.
    public static PretrainingText next(
            List<Path> text, List<Path> valid, Tokenizer tokenizer, int context, int batch, int evalBlocks,
            long seed) {
        PlainText corpus = PlainText.read(text, tokenizer, context);
        return new PretrainingText(
                Batches.shuffled(corpus, BatchSize.ofSequences(batch), seed),
                HeldOut.of(PlainText.read(valid, tokenizer, context), tokenizer, batch, evalBlocks),
                corpus.tokens());
    }

    /// Text with hidden tokens. Held-out blocks are whole and no pairs; the same tokens are hidden at every evaluation.
    public static PretrainingText masked(
            List<Path> text, List<Path> valid, Tokenizer tokenizer, int context, int batch, int evalBlocks,
            MaskedText.Plan plan) {
        SentenceLayout layout = new SentenceLayout(tokenizer, context);
        BatchSize size = BatchSize.ofSequences(batch);
        int rows = context - SentenceLayout.AROUND_PAIR;
        PlainText corpus = PlainText.read(text, tokenizer, rows);
        MaskedText masked = new MaskedText(corpus, tokenizer, layout, plan);
        MaskedText held = new MaskedText(
                PlainText.read(valid, tokenizer, rows), tokenizer, layout, plan.whole());
        return new PretrainingText(
                Batches.shuffled(masked, size, plan.seed(), masked::pack),
                HeldOut.of(Batches.inOrder(held, size, held::pack), tokenizer,
                        evalBlocks == 0 ? held.size() : evalBlocks),
                corpus.tokens());
    }
}
