package dev.lorikeet.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Attention over ragged batches, with and without cache, causal or not, dropped out or not.
final class AttentionContract {
    /// A batch: which rows are queries, which are keys, and how many rows there are of each.
    private record Batch(String name, Sequences queries, Sequences keys, int queryRows, int keyRows) {
        static Batch packed(int... lengths) {
            Sequences both = Sequences.of(lengths);
            return new Batch("packed " + both, both, both, both.rows(), both.rows());
        }
    }

    private static final List<Batch> BATCHES = List.of(
            Batch.packed(),
            Batch.packed(0, 0),
            Batch.packed(1),
            Batch.packed(5, 0, 7, 1),
            Batch.packed(8, 3),
            Batch.packed(65),
            Batch.packed(130, 17),
            new Batch("cache, one query each", Sequences.of(1, 1, 1),
                    Sequences.slots(new int[] {0, 16, 40}, new int[] {5, 13, 1}), 3, 48),
            new Batch("cache, several queries", Sequences.of(3, 0, 7),
                    Sequences.slots(new int[] {2, 20, 40}, new int[] {11, 4, 70}), 10, 128),
            new Batch("long cache, one query", Sequences.of(1), Sequences.of(300), 1, 300),
            new Batch("padded", Sequences.padded(new int[] {5, 40, 9, 0}, 2, 45),
                    Sequences.padded(new int[] {5, 40, 9, 0}, 2, 45), 54, 54),
            new Batch("more queries than keys", Sequences.of(7, 5, 4), Sequences.of(3, 0, 4), 16, 7),
            new Batch("gaps between queries", Sequences.slots(new int[] {1, 10}, new int[] {4, 5}),
                    Sequences.slots(new int[] {0, 9}, new int[] {4, 6}), 17, 16));

    private static final List<AttentionSpec> SPECS = List.of(
            spec(1, 4, true), spec(3, 5, true), spec(2, 8, false), spec(2, 16, true), spec(1, 64, true),
            spec(2, 64, false), spec(1, 80, true), spec(1, 128, false),
            spec(2, 16, true).withDropout(0.1, new RandomKey(7, 9)),
            spec(3, 5, false).withDropout(0.5, new RandomKey(-1, 3)));

    private static final int[] HEAD_SIZES = {4, 5, 8, 16, 64, 64, 80, 128, 16, 5};

    private AttentionContract() {}

    static void addTo(Checks checks) {
        for (Batch batch : BATCHES) {
            for (int i = 0; i < SPECS.size(); i++) {
                for (Layout layout : Layout.values()) {
                    Case with = new Case(batch, SPECS.get(i), HEAD_SIZES[i], layout);
                    checks.add("attention", with.toString(), t -> with.forward(t, true));
                    double beta = layout == Layout.PACKED ? 0.5 : 0;
                    checks.add("attentionBackward", with + " beta " + beta, t -> with.backward(t, 7, beta));
                    checks.add("attentionBackward", with + " without the result, beta " + beta,
                            t -> with.backward(t, 7, beta, false));
                }
            }
            Case forgetful = new Case(batch, SPECS.get(3), 16, Layout.PACKED);
            checks.add("attention", forgetful + ", no lse", t -> forgetful.forward(t, false));
            checks.add("attentionBackward", forgetful + " beta 1.0", t -> forgetful.backward(t, 7, 1));
            for (int wanted = 0; wanted < 7; wanted++) {
                Case with = new Case(batch, SPECS.get(3), 16, Layout.PACKED);
                int mask = wanted;
                checks.add("attentionBackward", "%s, only gradients %s of q, k, v"
                        .formatted(with, Integer.toBinaryString(8 + mask).substring(1)),
                        t -> with.backward(t, mask, 0));
            }
        }
        checks.add("attention", "scores that overflow unless the largest is taken out", t -> {
            Case with = new Case(Batch.packed(9), new AttentionSpec(1, 100, true), 8, Layout.PACKED);
            with.forward(t, true, 100 * 8);
        });
    }

    private static AttentionSpec spec(int heads, int headSize, boolean causal) {
        return new AttentionSpec(heads, 1 / Math.sqrt(headSize), causal);
    }

    private record Case(Batch batch, AttentionSpec spec, int headSize, Layout layout) {
        private int width() {
            return spec.heads() * headSize;
        }

        private long length() {
            return batch.keys.longest() + headSize;
        }

        void forward(KernelTrial t, boolean keepLse) {
            forward(t, keepLse, 1);
        }

        void forward(KernelTrial t, boolean keepLse, double magnitude) {
            Operand q = t.input(Shape.of(batch.queryRows, width()), layout);
            Operand k = owned(t, batch.keys, batch.keyRows);
            Operand v = owned(t, batch.keys, batch.keyRows);
            Operand out = t.output(Shape.of(batch.queryRows, width()), layout, 0);
            Operand lse = keepLse ? t.output(Shape.of(batch.queryRows, spec.heads()), layout, 0) : null;
            t.call((kernels, on) -> kernels.attention(on.of(out), on.of(lse), on.of(q), on.of(k), on.of(v),
                    batch.queries, batch.keys, spec));
            t.agrees(out, length(), magnitude);
            if (keepLse) {
                t.agrees(lse, length(), magnitude);
            }
        }

        void backward(KernelTrial t, int wanted, double beta) {
            backward(t, wanted, beta, true);
        }

        /// Bits 2, 1, 0 of `wanted` ask for dq, dk, dv.
        void backward(KernelTrial t, int wanted, double beta, boolean withResult) {
            Operand q = owned(t, batch.queries, batch.queryRows);
            Operand k = owned(t, batch.keys, batch.keyRows);
            Operand v = owned(t, batch.keys, batch.keyRows);
            Operand out = t.output(Shape.of(batch.queryRows, width()), layout, 0);
            Operand lse = t.output(Shape.of(batch.queryRows, spec.heads()), layout, 0);
            t.prepare((kernels, on) -> kernels.attention(on.of(out), on.of(lse), on.of(q), on.of(k), on.of(v),
                    batch.queries, batch.keys, spec));
            Operand dout = owned(t, batch.queries, batch.queryRows);
            Operand delta = t.output(Shape.of(batch.queryRows, spec.heads()), Layout.PACKED, 0);
            Operand dq = (wanted & 4) == 0 ? null : t.output(Shape.of(batch.queryRows, width()), layout, beta);
            Operand dk = (wanted & 2) == 0 ? null : t.output(Shape.of(batch.keyRows, width()), layout, beta);
            Operand dv = (wanted & 1) == 0 ? null : t.output(Shape.of(batch.keyRows, width()), layout, beta);
            t.call((kernels, on) -> kernels.attentionBackward(on.of(dq), on.of(dk), on.of(dv), on.of(delta),
                    on.of(dout), withResult ? on.of(out) : null, on.of(lse), on.of(q), on.of(k), on.of(v),
                    batch.queries, batch.keys, spec, beta));
            List<Operand> gradients = new ArrayList<>();
            gradients.add(dq);
            gradients.add(dk);
            gradients.add(dv);
            // ds is the difference of two sums of headSize terms, √headSize large each, and may cancel.
            gradients.stream().filter(g -> g != null).forEach(g -> t.agrees(g, length(), 2));
        }

        /// Normal numbers in rows that a sequence owns, NaN in the others: a cache holds garbage behind its sequences.
        private Operand owned(KernelTrial t, Sequences sequences, int rows) {
            double[] values = t.normal(Shape.of(rows, width()));
            boolean[] isOwned = new boolean[rows];
            for (int s = 0; s < sequences.count(); s++) {
                Arrays.fill(isOwned, sequences.start(s), sequences.start(s) + sequences.length(s), true);
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = isOwned[i / width()] ? values[i] : Double.NaN;
            }
            return t.input(Shape.of(rows, width()), layout, values);
        }

        @Override
        public String toString() {
            return "%s, %d heads of %d%s%s, %s".formatted(batch.name, spec.heads(), headSize,
                    spec.causal() ? ", causal" : "", spec.dropout() > 0 ? ", dropout " + spec.dropout() : "", layout);
        }
    }
}
