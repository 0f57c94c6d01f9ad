package dev.lorikeet.models.train;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/// Held-out batches with the number of bytes of text that their labels stand for.
///
/// @param batches the batches
/// @param bytes   UTF-8 bytes of all labels; an end of text counts as none
public record HeldOut(List<TokenBatch> batches, long bytes) {
    /// The first `limit` examples (0: all), in batches of `perBatch`.
    public static HeldOut of(Examples examples, Tokenizer tokenizer, int perBatch, int limit) {
        return of(Batches.inOrder(examples, BatchSize.ofSequences(perBatch)), tokenizer,
                limit == 0 ? examples.size() : limit);
    }

    /// The batches that hold the first `limit` examples.
    public static HeldOut of(Batches<TokenBatch> examples, Tokenizer tokenizer, int limit) {
        List<TokenBatch> batches = examples.first(limit);
        int end = tokenizer.endOfText().orElse(-1);
        long bytes = batches.stream()
                .flatMapToInt(batch -> Arrays.stream(batch.targets()))
                .filter(id -> id != end)
                .mapToLong(id -> tokenizer.decodeBytes(id).length)
                .sum();
        return new HeldOut(batches, bytes);
    }
}
