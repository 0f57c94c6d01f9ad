package dev.lorikeet.models.inspect;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
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
public final class InspectedAttention {
    private final Pool pool;
    private final Tape tape;
    private final AttentionSpec spec;
    private final boolean[] seen;
    private final List<double[]> probabilities = new ArrayList<>();
    private Tensor keys;
    private Tensor values;

    /// @param pool the memory that `tape` uses
    /// @param seen for each row whether others may attend to it
    public InspectedAttention(Pool pool, Tape tape, AttentionSpec spec, boolean[] seen) {
        this.pool = pool;
        this.tape = tape;
        this.spec = spec;
        this.seen = seen;
    }

    /// The result of the attention before its output projection; with [AttentionSpec#causal] a row sees those up to
    /// itself.
    ///
    /// @param q `(N, C)`, heads side by side; k and v likewise
    /// @return `(N, C)`
    public Tensor attend(Tensor q, Tensor k, Tensor v, Sequences sequences) {
        keys = contiguous(k);
        values = contiguous(v);
        Tensor out = tape.allocate(q.dtype(), q.shape());
        for (int s = 0; s < sequences.count(); s++) {
            int from = sequences.start(s);
            int to = from + sequences.length(s);
            if (from < to) {
                sequence(out.rows(from, to), q.rows(from, to), from);
            } else {
                probabilities.add(new double[0]);
            }
        }
        return out;
    }

    private void sequence(Tensor out, Tensor q, int from) {
        Kernels kernels = tape.kernels();
        int T = q.rows();
        int[] visible = IntStream.range(from, from + T).filter(row -> seen[row]).toArray();
        int d = q.cols() / spec.heads();
        double[] all = new double[spec.heads() * T * T];
        Tensor k = selected(keys, visible);                                                         // (n, C)
        Tensor v = selected(values, visible);
        for (int h = 0; h < spec.heads() && visible.length > 0; h++) {
            Tensor p = tape.allocate(q.dtype(), Shape.of(T, visible.length));
            kernels.gemm(p, q.cols(h * d, (h + 1) * d), false, k.cols(h * d, (h + 1) * d), true,
                    spec.scale(), 0);
            for (int t = 0, n = 0; t < T; t++) {
                n += seen[from + t] ? 1 : 0;
                kernels.softmax(p.rows(t, t + 1), p.rows(t, t + 1), (spec.causal() ? n : visible.length) - 1);
            }
            kernels.gemm(out.cols(h * d, (h + 1) * d), p, false, v.cols(h * d, (h + 1) * d), false, 1, 0);
            spread(all, h * T * T, T, HostValues.doubles(pool.backend(), p), visible, from);
        }
        if (visible.length == 0) {
            kernels.fill(out, 0);
        }
        probabilities.add(all);
    }

    private static void spread(double[] all, int at, int T, double[] p, int[] visible, int from) {
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < visible.length; j++) {
                all[at + t * T + visible[j] - from] = p[t * visible.length + j];
            }
        }
    }

    private Tensor selected(Tensor rows, int[] chosen) {
        Tensor selected = tape.allocate(rows.dtype(), Shape.of(chosen.length, rows.cols()));
        tape.kernels().gatherRows(selected, rows, tape.ints(chosen), 0);
        return selected;
    }

    private Tensor contiguous(Tensor columns) {
        Tensor copy = tape.allocate(columns.dtype(), columns.shape());
        tape.kernels().copy(copy, columns);
        return copy;
    }

    /// What has been seen, together with the block's output.
    public Inspection.Layer layer(Activation output) {
        return new Inspection.Layer(output, keys, values, probabilities);
    }
}
