package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;

/// Which queries see which keys, and where the numbers of one head lie.
///
/// @param spec    heads, scale, mask, dropout
/// @param queries rows of the queries
/// @param keys    rows of the keys
/// @param d       elements of a head
record AttentionHeads(AttentionSpec spec, Sequences queries, Sequences keys, int d) {
    static AttentionHeads of(Tensor q, Sequences queries, Sequences keys, AttentionSpec spec) {
        return new AttentionHeads(spec, queries, keys, q.cols() / spec.heads());
    }

    /// One past the last key that query `i` of sequence `s` sees, not limited to keys that exist: 0 or less if it sees
    /// none, more than there are if it sees all.
    int end(int s, int i) {
        return spec.causal() ? i + keys.length(s) - queries.length(s) + 1 : Integer.MAX_VALUE / 2;
    }

    /// How many keys query `i` of sequence `s` sees.
    int visible(int s, int i) {
        return Math.clamp(end(s, i), 0, keys.length(s));
    }

    /// Address of head `h` in row `i` of sequence `s` of a tensor with the rows of the queries.
    long query(Tensor tensor, int s, int i, int h) {
        return Lanes.at(tensor, queries.start(s) + i, (long) h * d);
    }

    /// Address of head `h` in row `j` of sequence `s` of a tensor with the rows of the keys.
    long key(Tensor tensor, int s, int j, int h) {
        return Lanes.at(tensor, keys.start(s) + j, (long) h * d);
    }

    /// A measure of the work in elements, to decide whether threads are worth waking.
    long work() {
        long work = 0;
        for (int s = 0; s < queries.count(); s++) {
            work += (long) queries.length(s) * keys.length(s);
        }
        return work * d * spec.heads();
    }
}
