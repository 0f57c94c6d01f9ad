package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Rows of a batch that attend like any other but that nobody attends to. A text has none: they are what libraries that
/// pad compute at the places that their mask hides, which matters where such a place is read after all (a classifier
/// whose first token is hidden, a label that a hidden token predicts).
///
/// No mask reaches the kernel. Rows that speak are attended to as ever, without the silent ones between them; every
/// silent row becomes a sequence of one query with copies of the keys that it sees.
public final class SilentRows {
    private static final SilentRows NONE = new SilentRows(new boolean[0]);

    private final boolean[] silent;

    private SilentRows(boolean[] silent) {
        this.silent = silent;
    }

    /// None: every row speaks.
    public static SilentRows none() {
        return NONE;
    }

    /// @param silent for each row of the batch
    public static SilentRows of(boolean... silent) {
        for (boolean row : silent) {
            if (row) {
                return new SilentRows(silent.clone());
            }
        }
        return NONE;
    }

    public boolean isEmpty() {
        return silent.length == 0;
    }

    /// Attention among all rows of a batch. The rows of `q`, `k` and `v` may be interleaved: those of row `i` of the
    /// batch are `i·stride + offset`, `offset` 0 for all three or 0, 1, 2.
    ///
    /// @param stride 1, or 3 if q, k and v are one tensor that has them in turn
    /// @return `(N, C)`
    Activation attend(
            Tape tape, Variable q, Variable k, Variable v, int stride, Sequences sequences, AttentionSpec spec) {
        int[] speaking = rows(false);
        int[] mute = rows(true);
        int[][] seen = new int[mute.length][];
        for (int i = 0; i < mute.length; i++) {
            seen[i] = seenBy(mute[i], sequences, spec.causal());
        }
        int[] queries = IntStream.concat(Arrays.stream(speaking), Arrays.stream(mute)).toArray();
        int[] keys = IntStream.concat(Arrays.stream(speaking), Arrays.stream(seen).flatMapToInt(Arrays::stream))
                .toArray();
        int[] spoken = IntStream.range(0, sequences.count())
                .map(s -> (int) Arrays.stream(rowsOf(s, sequences)).filter(row -> !silent[row]).count()).toArray();
        int between = stride == 1 ? 0 : 1;
        Activation out = Attention.apply(
                tape, SelectRows.apply(tape, q, tape.ints(at(queries, stride, 0))),
                SelectRows.apply(tape, k, tape.ints(at(keys, stride, between))),
                SelectRows.apply(tape, v, tape.ints(at(keys, stride, 2 * between))),
                Sequences.of(IntStream.concat(Arrays.stream(spoken), Arrays.stream(mute).map(_ -> 1)).toArray()),
                Sequences.of(IntStream.concat(
                        Arrays.stream(spoken), Arrays.stream(seen).mapToInt(rows -> rows.length)).toArray()),
                spec);
        int[] places = new int[queries.length];
        for (int i = 0; i < queries.length; i++) {
            places[queries[i]] = i;
        }
        return SelectRows.apply(tape, out, tape.ints(places));
    }

    private int[] rows(boolean which) {
        return IntStream.range(0, silent.length).filter(row -> silent[row] == which).toArray();
    }

    private static int[] rowsOf(int s, Sequences sequences) {
        return IntStream.range(sequences.start(s), sequences.start(s) + sequences.length(s)).toArray();
    }

    /// The speaking rows of a row's sequence, with `causal` those before it.
    private int[] seenBy(int row, Sequences sequences, boolean causal) {
        int s = 0;
        while (row >= sequences.start(s) + sequences.length(s)) {
            s++;
        }
        return Arrays.stream(rowsOf(s, sequences))
                .filter(other -> !silent[other] && (!causal || other < row)).toArray();
    }

    private static int[] at(int[] rows, int stride, int offset) {
        return Arrays.stream(rows).map(row -> row * stride + offset).toArray();
    }
}
