package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.Reshape;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Attention with masked keys: padding positions attend like any other row, but nobody attends to them. This is what
/// libraries that pad compute at the positions that their mask hides, which matters where such a position is read after
/// all (a classifier whose first token is masked, a label that a masked token predicts).
///
/// No mask reaches the kernel. Visible rows are attended to as ever, without the masked ones between them; every masked
/// row becomes a sequence of one query with copies of the keys that it sees.
///
/// @param sequences of the batch
/// @param masked    for each row whether its key is masked
record MaskedKeys(Sequences sequences, boolean[] masked) implements Attend {
    /// The strategy for a batch; without masked rows the usual one.
    static Attend attend(Sequences sequences, boolean... masked) {
        for (boolean row : masked) {
            if (row) {
                return new MaskedKeys(sequences, masked);
            }
        }
        return Attend.within(sequences);
    }

    @Override
    public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
        Shape inTurn = Shape.of(3 * qkv.value().rows(), qkv.value().cols() / 3);
        Activation rows = Reshape.apply(tape, qkv, inTurn);                                          // (3N, C)
        return attend(tape, rows, rows, rows, 3, spec);
    }

    @Override
    public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
        return attend(tape, q, k, v, 1, spec);
    }

    /// The rows of `q`, `k` and `v` may be interleaved: those of row `i` of the batch are `i·stride + offset`, `offset`
    /// 0 for all three or 0, 1, 2.
    ///
    /// @param stride 1, or 3 if q, k and v are one tensor that has them in turn
    /// @return `(N, C)`
    private Activation attend(Tape tape, Variable q, Variable k, Variable v, int stride, AttentionSpec spec) {
        int[] visible = rows(false);
        int[] hidden = rows(true);
        int[][] seen = Arrays.stream(hidden).mapToObj(row -> seenBy(row, spec.causal())).toArray(int[][]::new);
        int[] queries = IntStream.concat(Arrays.stream(visible), Arrays.stream(hidden)).toArray();
        int[] keys = IntStream.concat(Arrays.stream(visible), Arrays.stream(seen).flatMapToInt(Arrays::stream))
                .toArray();
        int[] perSequence = IntStream.range(0, sequences.count())
                .map(s -> (int) Arrays.stream(rowsOf(s)).filter(row -> !masked[row]).count()).toArray();
        int between = stride == 1 ? 0 : 1;
        Activation out = Attention.apply(
                tape, SelectRows.apply(tape, q, tape.ints(at(queries, stride, 0))),
                SelectRows.apply(tape, k, tape.ints(at(keys, stride, between))),
                SelectRows.apply(tape, v, tape.ints(at(keys, stride, 2 * between))),
                Sequences.of(IntStream.concat(Arrays.stream(perSequence), Arrays.stream(hidden).map(_ -> 1)).toArray()),
                Sequences.of(IntStream.concat(
                        Arrays.stream(perSequence), Arrays.stream(seen).mapToInt(rows -> rows.length)).toArray()),
                spec);
        int[] positions = new int[queries.length];
        for (int i = 0; i < queries.length; i++) {
            positions[queries[i]] = i;
        }
        return SelectRows.apply(tape, out, tape.ints(positions));
    }

    private int[] rows(boolean which) {
        return IntStream.range(0, masked.length).filter(row -> masked[row] == which).toArray();
    }

    private int[] rowsOf(int s) {
        return IntStream.range(sequences.start(s), sequences.start(s) + sequences.length(s)).toArray();
    }

    /// The visible rows of a row's sequence, with `causal` those before it.
    private int[] seenBy(int row, boolean causal) {
        int s = 0;
        while (row >= sequences.start(s) + sequences.length(s)) {
            s++;
        }
        return Arrays.stream(rowsOf(s)).filter(other -> !masked[other] && (!causal || other < row)).toArray();
    }

    private static int[] at(int[] rows, int stride, int offset) {
        return Arrays.stream(rows).map(row -> row * stride + offset).toArray();
    }
}
