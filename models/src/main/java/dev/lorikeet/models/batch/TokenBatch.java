package dev.lorikeet.models.batch;

import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A ragged batch for a language model, as plain numbers: the tokens of all sequences back to back, their positions,
/// and which rows predict a labelled token.
///
/// In a language model row `t` of a sequence predicts token `t + 1`, in a masked one token `t` itself, which is hidden.
/// Only rows whose token has a label appear in `rows` and `targets`, so nothing is computed for the others beyond the
/// last block.
///
/// @param ids       token ids of all rows
/// @param positions position of each row in its sequence
/// @param sequences where each sequence lies, those that fill the batch up last
/// @param rows      rows that predict a labelled token, ascending
/// @param targets   the token that each of those rows should predict; [#IGNORED] for those behind them that fill them
///                  up
/// @param attend    how rows attend to one another; in a batch of texts within each sequence
public record TokenBatch(
        int[] ids, int[] positions, Sequences sequences, int[] rows, int[] targets, Attend attend)
        implements Batch<TokenBatch> {
    /// Label of a token that is not to be predicted, as in the reference libraries.
    public static final int IGNORED = -100;

    /// Every row attends to the rows of its sequence.
    public TokenBatch(int[] ids, int[] positions, Sequences sequences, int[] rows, int[] targets) {
        this(ids, positions, sequences, rows, targets, Attend.within(sequences));
    }

    /// Whether the rows attend in a way of their own, which belongs to the batch as a whole.
    public boolean isIndivisible() {
        return !(attend instanceof Attend.Within);
    }

    /// @param tokens the sequences
    /// @param labels for each sequence one label per token (usually the token itself) or [#IGNORED]; the first token's
    ///               label is never used, since nothing predicts it
    public static TokenBatch of(List<int[]> tokens, List<int[]> labels) {
        Sequences sequences = Sequences.of(tokens.stream().mapToInt(ids -> ids.length).toArray());
        int[] ids = new int[sequences.tokens()];
        int[] next = new int[ids.length];
        Arrays.fill(next, IGNORED);
        for (int s = 0; s < tokens.size(); s++) {
            int length = sequences.length(s);
            System.arraycopy(tokens.get(s), 0, ids, sequences.start(s), length);
            if (length > 1) {
                System.arraycopy(labels.get(s), 1, next, sequences.start(s), length - 1);
            }
        }
        return of(ids, next, sequences);
    }

    /// @param ids       token of each row
    /// @param next      what each row shall predict; negative where that does not count
    /// @param sequences where the sequences lie
    public static TokenBatch of(int[] ids, int[] next, Sequences sequences) {
        int[] positions = new int[ids.length];
        for (int s = 0; s < sequences.count(); s++) {
            for (int t = 0; t < sequences.length(s); t++) {
                positions[sequences.start(s) + t] = t;
            }
        }
        int[] rows = IntStream.range(0, ids.length).filter(row -> next[row] >= 0).toArray();
        return new TokenBatch(ids, positions, sequences, rows, Arrays.stream(rows).map(row -> next[row]).toArray());
    }

    /// Every token but the first of each sequence is to be predicted.
    public static TokenBatch of(List<int[]> tokens) {
        return of(tokens, tokens);
    }

    /// Tokens without any label.
    public static TokenBatch unlabelled(List<int[]> tokens) {
        return of(tokens, tokens.stream().map(ids -> {
            int[] none = new int[ids.length];
            Arrays.fill(none, IGNORED);
            return none;
        }).toList());
    }

    /// Number of labelled tokens.
    @Override
    public int labelled() {
        int labelled = targets.length;
        while (labelled > 0 && targets[labelled - 1] == IGNORED) {
            labelled--;
        }
        return labelled;
    }

    /// Number of tokens.
    @Override
    public int tokens() {
        return sequences.realRows();
    }

    /// An indivisible batch stays as it is: it is no part of training.
    @Override
    public TokenBatch filledUp() {
        if (isIndivisible()) {
            return this;
        }
        int step = BatchBuckets.step(ids.length);
        int size = BatchBuckets.up(ids.length, step);
        int labels = BatchBuckets.up(rows.length, step);
        int[] filledRows = Arrays.copyOf(rows, labels);
        int[] filledTargets = Arrays.copyOf(targets, labels);
        Arrays.fill(filledRows, rows.length, labels, size - 1);
        Arrays.fill(filledTargets, rows.length, labels, IGNORED);
        return new TokenBatch(Arrays.copyOf(ids, size), Arrays.copyOf(positions, size),
                BatchBuckets.sequences(sequences, size), filledRows, filledTargets);
    }

    /// Sequences `[from, to)` as a batch of their own.
    ///
    /// @throws IllegalStateException if the batch is indivisible, or has rows that fill
    ///                               it up
    public TokenBatch part(int from, int to) {
        if (sequences.realCount() < sequences.count()) {
            throw new IllegalStateException("a batch is split first and filled up then");
        }
        if (isIndivisible()) {
            throw new IllegalStateException("a batch whose rows attend in a way of their own cannot be split");
        }
        int[] lengths = IntStream.range(from, to).map(sequences::length).toArray();
        Sequences part = Sequences.of(lengths);
        int start = from < to ? sequences.start(from) : 0;
        int end = start + part.tokens();
        int[] which = IntStream.range(0, rows.length).filter(i -> rows[i] >= start && rows[i] < end).toArray();
        return new TokenBatch(
                Arrays.copyOfRange(ids, start, end), Arrays.copyOfRange(positions, start, end), part,
                Arrays.stream(which).map(i -> rows[i] - start).toArray(),
                Arrays.stream(which).map(i -> targets[i]).toArray());
    }

    @Override
    public List<TokenBatch> split(int tokens) {
        int[] cuts = cuts(tokens);
        return cuts.length <= 2
                ? List.of(this)
                : IntStream.range(1, cuts.length).mapToObj(i -> part(cuts[i - 1], cuts[i])).toList();
    }

    /// Numbers of the sequences at which the parts of [#split] begin, and the number of sequences.
    int[] cuts(int tokens) {
        int parts = Math.ceilDiv(Math.max(1, tokens()), tokens);
        IntStream.Builder cuts = IntStream.builder().add(0);
        int filled = 0;
        int done = 0;
        for (int s = 0; s < sequences.count(); s++) {
            int length = sequences.length(s);
            int share = Math.ceilDiv(tokens() - done, Math.max(1, parts));
            if (filled > 0 && (filled + length > tokens || filled >= share)) {
                cuts.add(s);
                done += filled;
                filled = 0;
                parts--;
            }
            filled += length;
        }
        return cuts.add(sequences.count()).build().toArray();
    }

    /// Numbers of rows, labels and sequences, and how long a sequence is and how many labels it has at most, as far as
    /// that decides about kernels.
    @Override
    public Object shape() {
        return List.of(ids.length, rows.length, sequences.count(), BatchBuckets.lengthClass(sequences.longest()),
                BatchBuckets.lengthClass(mostLabels()));
    }

    /// Labels of the sequence that has most.
    private int mostLabels() {
        int most = 0;
        int s = 0;
        for (int i = 0, first = 0; i < rows.length; i++) {
            while (rows[i] >= sequences.start(s) + sequences.length(s)) {
                s++;
                first = i;
            }
            most = Math.max(most, i - first + 1);
        }
        return most;
    }

    /// @throws IllegalArgumentException if a token is outside the vocabulary or a sequence too long for the model
    public void check(int vocabSize, int nPositions) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabSize) {
                throw new IllegalArgumentException(("token id %d at row %d is outside the vocabulary of %d; the data "
                        + "was made for another tokenizer").formatted(ids[i], i, vocabSize));
            }
        }
        int labelled = labelled();
        for (int i = 0; i < labelled; i++) {
            int target = targets[i];
            if (target < 0 || target >= vocabSize) {
                throw new IllegalArgumentException(
                        "label %d is outside the vocabulary of %d".formatted(target, vocabSize));
            }
        }
        if (sequences.longest() > nPositions) {
            throw new ChoiceException("a sequence has %d tokens, the model takes at most %d; shorten it".formatted(
                    sequences.longest(), nPositions), "maxLength");
        }
    }
}
