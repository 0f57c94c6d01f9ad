package dev.lorikeet.models;

import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.List;

/// A ragged batch for a language model, as plain numbers: the tokens of all sequences back to back, their positions, and
/// which rows predict a labelled token.
///
/// Row `t` of a sequence predicts token `t + 1`. Only rows whose next token has a label appear in `rows` and `targets`,
/// so nothing is computed for the others beyond the last block.
///
/// @param ids       token ids of all rows
/// @param positions position of each row in its sequence
/// @param sequences where each sequence lies
/// @param rows      rows that predict a labelled token, ascending
/// @param targets   the token that each of those rows should predict
public record TokenBatch(int[] ids, int[] positions, Sequences sequences, int[] rows, int[] targets) {
    /// Label of a token that is not to be predicted, as in the reference libraries.
    public static final int IGNORED = -100;

    /// @param tokens the sequences
    /// @param labels for each sequence one label per token (usually the token itself) or [#IGNORED]; the first token's label
    ///               is never used, since nothing predicts it
    public static TokenBatch of(List<int[]> tokens, List<int[]> labels) {
        Sequences sequences = Sequences.of(tokens.stream().mapToInt(ids -> ids.length).toArray());
        int n = sequences.tokens();
        int[] ids = new int[n];
        int[] positions = new int[n];
        int[] rows = new int[n];
        int[] targets = new int[n];
        int labelled = 0;
        for (int s = 0; s < tokens.size(); s++) {
            int start = sequences.start(s);
            int[] sequence = tokens.get(s);
            int[] label = labels.get(s);
            for (int t = 0; t < sequence.length; t++) {
                ids[start + t] = sequence[t];
                positions[start + t] = t;
                if (t + 1 < sequence.length && label[t + 1] != IGNORED) {
                    rows[labelled] = start + t;
                    targets[labelled++] = label[t + 1];
                }
            }
        }
        return new TokenBatch(
                ids, positions, sequences, Arrays.copyOf(rows, labelled), Arrays.copyOf(targets, labelled));
    }

    /// Every token but the first of each sequence is to be predicted.
    public static TokenBatch of(List<int[]> tokens) {
        return of(tokens, tokens);
    }

    /// Number of labelled tokens.
    public int labelled() {
        return rows.length;
    }

    /// Number of tokens.
    public int tokens() {
        return ids.length;
    }

    /// @throws IllegalArgumentException if a token is outside the vocabulary or a sequence too long for the model
    public void check(int vocabSize, int nPositions) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabSize) {
                throw new IllegalArgumentException("token id %d at row %d is outside the vocabulary of %d; the data was made"
                        .formatted(ids[i], i, vocabSize) + " for another tokenizer");
            }
        }
        for (int target : targets) {
            if (target < 0 || target >= vocabSize) {
                throw new IllegalArgumentException("label %d is outside the vocabulary of %d".formatted(target, vocabSize));
            }
        }
        if (sequences.longest() > nPositions) {
            throw new IllegalArgumentException("a sequence has %d tokens, the model takes at most n_positions = %d; shorten it"
                    .formatted(sequences.longest(), nPositions) + " (--max-length)");
        }
    }
}
