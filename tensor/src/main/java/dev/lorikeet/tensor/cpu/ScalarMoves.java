package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// BatchBuckets, copying, gathering and scattering, as [dev.lorikeet.tensor.Kernels] specifies them.
final class ScalarMoves {
    private ScalarMoves() {}

    static void fill(Tensor dst, double value) {
        Elements d = Elements.of(dst);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.set(i, j, value);
            }
        }
    }

    static void copy(Tensor dst, Tensor src) {
        if (dst.dtype() == src.dtype()) {
            copyBits(dst, src);
            return;
        }
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        for (int i = 0; i < s.rows(); i++) {
            for (int j = 0; j < s.cols(); j++) {
                d.set(i, j, s.get(i, j));
            }
        }
    }

    /// Keeps what a double could not hold: large I64 numbers and the payloads of NaNs.
    private static void copyBits(Tensor dst, Tensor src) {
        long bytes = src.dtype().bytes();
        MemorySegment to = dst.storage().segment();
        MemorySegment from = src.storage().segment();
        for (int i = 0; i < src.rows(); i++) {
            MemorySegment.copy(
                    from, (src.offset() + (long) i * src.rowStride()) * bytes,
                    to, (dst.offset() + (long) i * dst.rowStride()) * bytes,
                    src.cols() * bytes);
        }
    }

    static void take(Tensor dst, Tensor src, Tensor index) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        Elements at = Elements.of(index);
        for (long i = 0; i < dst.size(); i++) {
            d.set(i, at.index(i) < 0 ? 0 : s.get((long) at.index(i)));
        }
    }

    static void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta) {
        scale(dx, beta);
        Elements gx = Elements.of(dx);
        Elements gy = Elements.of(dy);
        Elements at = Elements.of(index);
        for (long i = 0; i < dy.size(); i++) {
            if (at.index(i) >= 0) {
                long target = at.index(i);
                gx.set(target, gx.get(target) + gy.get(i));
            }
        }
    }

    static void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta) {
        Elements d = Elements.of(dst);
        Elements t = Elements.of(table);
        Elements id = Elements.of(ids);
        for (int i = 0; i < d.rows(); i++) {
            int row = id.index(i);
            for (int j = 0; j < d.cols(); j++) {
                d.blend(i, j, beta, row < 0 ? 0 : t.get(row, j));
            }
        }
    }

    static void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta) {
        scale(dtable, beta);
        Elements gt = Elements.of(dtable);
        Elements gy = Elements.of(dy);
        Elements id = Elements.of(ids);
        for (int i = 0; i < gy.rows(); i++) {
            int row = id.index(i);
            for (int j = 0; j < gy.cols() && row >= 0; j++) {
                gt.blend(row, j, 1, gy.get(i, j));
            }
        }
    }

    /// `dst ← beta·dst`; 0 without reading if `beta = 0`.
    private static void scale(Tensor dst, double beta) {
        Elements d = Elements.of(dst);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.blend(i, j, beta, 0);
            }
        }
    }
}
