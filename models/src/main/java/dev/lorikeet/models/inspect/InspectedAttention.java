package dev.lorikeet.models.inspect;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Attention in steps that keep what the fused kernel never stores: the probabilities. It also takes rows that others
/// must not attend to (padding), which still attend to what is before them. For looking, not for training: no gradient
/// flows through it.
public final class InspectedAttention implements Attend {
    private final Pool pool;
    private final Sequences sequences;
    private final boolean[] seen;
    private final List<double[]> probabilities = new ArrayList<>();
    private double[] keys;
    private double[] values;

    /// @param pool the memory that the tape uses
    /// @param seen for each row whether others may attend to it
    public InspectedAttention(Pool pool, Sequences sequences, boolean[] seen) {
        this.pool = pool;
        this.sequences = sequences;
        this.seen = seen;
    }

    @Override
    public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
        Tensor all = qkv.value();
        int C = all.cols() / 3;
        return attend(tape, spec, all.cols(0, C), all.cols(C, 2 * C), all.cols(2 * C, 3 * C));
    }

    @Override
    public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
        return attend(tape, spec, q.value(), k.value(), v.value());
    }

    private Activation attend(Tape tape, AttentionSpec spec, Tensor q, Tensor k, Tensor v) {
        // on the host: the block's frame gives what is allocated here back
        Tensor allKeys = contiguous(tape, k);
        Tensor allValues = contiguous(tape, v);
        keys = HostValues.doubles(pool.backend(), allKeys);
        values = HostValues.doubles(pool.backend(), allValues);
        Tensor out = tape.allocate(q.dtype(), q.shape());
        for (int s = 0; s < sequences.count(); s++) {
            int from = sequences.start(s);
            int to = from + sequences.length(s);
            if (from < to) {
                sequence(tape, spec, out.rows(from, to), q.rows(from, to), new Keyed(allKeys, allValues, from));
            } else {
                probabilities.add(new double[0]);
            }
        }
        return tape.constant(out);
    }

    /// Keys and values of all rows, and the row at which a sequence begins.
    private record Keyed(Tensor keys, Tensor values, int from) {}

    private void sequence(Tape tape, AttentionSpec spec, Tensor out, Tensor q, Keyed all) {
        int from = all.from;
        Kernels kernels = tape.kernels();
        int T = q.rows();
        int[] visible = IntStream.range(from, from + T).filter(row -> seen[row]).toArray();
        int d = q.cols() / spec.heads();
        double[] seenBy = new double[spec.heads() * T * T];
        Tensor k = selected(tape, all.keys, visible);                                               // (n, C)
        Tensor v = selected(tape, all.values, visible);
        for (int h = 0; h < spec.heads() && visible.length > 0; h++) {
            Tensor p = tape.allocate(q.dtype(), Shape.of(T, visible.length));
            kernels.gemm(p, q.cols(h * d, (h + 1) * d), false, k.cols(h * d, (h + 1) * d), true,
                    spec.scale(), 0);
            for (int t = 0, n = 0; t < T; t++) {
                n += seen[from + t] ? 1 : 0;
                kernels.softmax(p.rows(t, t + 1), p.rows(t, t + 1), (spec.causal() ? n : visible.length) - 1);
            }
            kernels.gemm(out.cols(h * d, (h + 1) * d), p, false, v.cols(h * d, (h + 1) * d), false, 1, 0);
            spread(seenBy, h * T * T, T, HostValues.doubles(pool.backend(), p), visible, from);
        }
        if (visible.length == 0) {
            kernels.fill(out, 0);
        }
        probabilities.add(seenBy);
    }

    private static void spread(double[] all, int at, int T, double[] p, int[] visible, int from) {
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < visible.length; j++) {
                all[at + t * T + visible[j] - from] = p[t * visible.length + j];
            }
        }
    }

    private static Tensor selected(Tape tape, Tensor rows, int[] chosen) {
        Tensor selected = tape.allocate(rows.dtype(), Shape.of(chosen.length, rows.cols()));
        tape.kernels().gatherRows(selected, rows, tape.ints(chosen), 0);
        return selected;
    }

    private static Tensor contiguous(Tape tape, Tensor columns) {
        Tensor copy = tape.allocate(columns.dtype(), columns.shape());
        tape.kernels().copy(copy, columns);
        return copy;
    }

    /// What has been seen, together with the block's output.
    public Inspection.Layer layer(Activation output) {
        return new Inspection.Layer(output, keys, values, probabilities);
    }
}
