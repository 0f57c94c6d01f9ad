package dev.lorikeet.models.verify;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Tokens as other libraries batch them: rows of one length, some places of which a mask hides, most of them padding.
/// [#batch] is the same as this engine has it, without what nobody reads; [#spread] puts its rows back where they were.
///
/// @param ids       `(B, T)`
/// @param real      `(B, T)`, false where hidden
/// @param kept      `(B, T)`, what the batch has: what is real, and what is hidden but read
/// @param positions `(B, T)`
record PaddedTokens(int[][] ids, boolean[][] real, boolean[][] kept, int[][] positions) {
    /// Rows numbered `0 … T − 1` whatever the mask says, as a plain forward pass does it.
    ///
    /// @param mask null if nothing is padded
    static PaddedTokens of(Golden ids, Golden mask) {
        int[][] positions = new int[ids.shape().rows()][];
        Arrays.setAll(positions, _ -> IntStream.range(0, ids.shape().cols()).toArray());
        return of(ids, mask, positions);
    }

    /// With positions of their own.
    static PaddedTokens of(Golden ids, Golden mask, int[][] positions) {
        int[][] tokens = new int[ids.shape().rows()][];
        Arrays.setAll(tokens, ids::row);
        boolean[][] real = new boolean[tokens.length][ids.shape().cols()];
        for (int s = 0; s < tokens.length; s++) {
            for (int t = 0; t < tokens[s].length; t++) {
                real[s][t] = mask == null || mask.row(s)[t] != 0;
            }
        }
        return new PaddedTokens(tokens, real, real, positions);
    }

    int count() {
        return ids.length;
    }

    int length() {
        return ids.length == 0 ? 0 : ids[0].length;
    }

    /// The first `n` rows.
    PaddedTokens first(int n) {
        return chosen(IntStream.range(0, n).toArray());
    }

    /// Every row `times` times in a row.
    PaddedTokens repeated(int times) {
        return chosen(IntStream.range(0, count() * times).map(i -> i / times).toArray());
    }

    /// Some of the rows.
    PaddedTokens chosen(int[] rows) {
        return new PaddedTokens(
                Arrays.stream(rows).mapToObj(i -> ids[i]).toArray(int[][]::new),
                Arrays.stream(rows).mapToObj(i -> real[i]).toArray(boolean[][]::new),
                Arrays.stream(rows).mapToObj(i -> kept[i]).toArray(boolean[][]::new),
                Arrays.stream(rows).mapToObj(i -> positions[i]).toArray(int[][]::new));
    }

    /// A place of a row.
    @FunctionalInterface
    interface Place {
        boolean is(int s, int t);
    }

    /// The same with some hidden places in the batch.
    PaddedTokens keeping(Place read) {
        boolean[][] more = new boolean[count()][length()];
        for (int s = 0; s < count(); s++) {
            for (int t = 0; t < length(); t++) {
                more[s][t] = real[s][t] || read.is(s, t);
            }
        }
        return new PaddedTokens(ids, real, more, positions);
    }

    /// The same with padding treated as text.
    PaddedTokens withoutMask() {
        boolean[][] all = new boolean[count()][length()];
        Arrays.stream(all).forEach(row -> Arrays.fill(row, true));
        return new PaddedTokens(ids, all, all, positions);
    }

    /// One row without its padding.
    int[] row(int s) {
        return IntStream.range(0, length()).filter(t -> real[s][t]).map(t -> ids[s][t]).toArray();
    }

    /// The batch; nothing is labelled.
    TokenBatch batch() {
        return batch((_, _) -> TokenBatch.IGNORED);
    }

    /// Gives the token that the row at `(s, t)` should predict, or something negative.
    @FunctionalInterface
    interface Target {
        int at(int s, int t);
    }

    /// The batch, hidden places in it as masked keys.
    ///
    /// @throws NotReplayed if a place that is not in it should predict something
    TokenBatch batch(Target target) {
        int n = count() * length();
        int[] lengths = new int[count()];
        int[] tokens = new int[n];
        int[] places = new int[n];
        int[] rows = new int[n];
        int[] targets = new int[n];
        boolean[] masked = new boolean[n];
        int next = 0;
        int labelled = 0;
        for (int s = 0; s < count(); s++) {
            for (int t = 0; t < length(); t++) {
                int label = target.at(s, t);
                if (kept[s][t]) {
                    masked[next] = !real[s][t];
                    tokens[next] = ids[s][t];
                    places[next] = positions[s][t];
                    if (label >= 0) {
                        rows[labelled] = next;
                        targets[labelled++] = label;
                    }
                    lengths[s]++;
                    next++;
                } else if (label >= 0) {
                    throw new NotReplayed(("the mask lets row %d, place %d see no token, so that what it computes "
                            + "depends on the library's version, but it should predict token %d")
                                    .formatted(s, t, label));
                }
            }
        }
        return new TokenBatch(
                Arrays.copyOf(tokens, next), Arrays.copyOf(places, next), Sequences.of(lengths),
                Arrays.copyOf(rows, labelled), Arrays.copyOf(targets, labelled),
                MaskedKeys.attend(Sequences.of(lengths), Arrays.copyOf(masked, next)));
    }

    /// All places, padding included, as one batch.
    TokenBatch everything() {
        return withoutMask().batch();
    }

    /// For each place whether it is text, row after row.
    boolean[] flags() {
        return flat(real);
    }

    private boolean[] flat(boolean[][] places) {
        boolean[] flags = new boolean[count() * length()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = places[i / length()][i % length()];
        }
        return flags;
    }

    /// Numbers of the batch, `width` for each row, at their places; 0 where it has none.
    double[] spread(double[] rows, int width) {
        boolean[] text = flat(kept);
        double[] all = new double[text.length * width];
        for (int i = 0, row = 0; i < text.length; i++) {
            if (text[i]) {
                System.arraycopy(rows, row++ * width, all, i * width, width);
            }
        }
        return all;
    }

    /// Which of `width` numbers per place the batch does not have.
    boolean[] absent(int width) {
        return repeated(flat(kept), width);
    }

    /// Which places have no text that they could see: their result is not defined.
    ///
    /// @param causal whether a place sees what is at or before it, or its whole row
    boolean[] blind(boolean causal) {
        boolean[] sees = flags();
        for (int i = 0; i < sees.length; i++) {
            sees[i] |= i % length() > 0 && sees[i - 1];
        }
        for (int i = sees.length - 1; !causal && i >= 0; i--) {
            sees[i] |= (i + 1) % length() > 0 && sees[i + 1];
        }
        return repeated(sees, 1);
    }

    private static boolean[] repeated(boolean[] flags, int width) {
        boolean[] all = new boolean[flags.length * width];
        for (int i = 0; i < all.length; i++) {
            all[i] = !flags[i / width];
        }
        return all;
    }
}
