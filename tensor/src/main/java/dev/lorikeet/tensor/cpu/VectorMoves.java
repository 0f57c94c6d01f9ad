package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Scales;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Rows picked from a table and added back, elements picked by index. Tables may be F32, BF16, F16 or I8.
final class VectorMoves {
    /// Columns of one part of a scatter: four cache lines.
    static final int COLUMNS = 64;

    private VectorMoves() {}

    /// `bytes` bytes as they are.
    static void copy(long dst, long src, long bytes) {
        MemorySegment.copy(Lanes.ALL, src, Lanes.ALL, dst, bytes);
    }

    /// Rows `from … to − 1` of `dst ← beta·dst + table[ids]`.
    static void gatherRows(Tensor dst, Tensor table, Tensor ids, float beta, int from, int to) {
        int C = dst.cols();
        for (int row = from; row < to; row++) {
            int id = Lanes.getInt(ids.address() + 4L * row);
            long out = Lanes.at(dst, row, 0);
            if (id < 0) {
                VectorElementwise.scaleInPlace(out, beta, C);
            } else if (table.storage() instanceof PanelStorage packed) {
                packed.copyRow(out, id, 0, C, beta);
            } else {
                gatherRow(out, table, id, beta, C);
            }
        }
    }

    private static void gatherRow(long dst, Tensor table, int id, float beta, int n) {
        DType type = table.dtype();
        long src = Lanes.at(table, id, 0);
        if (type == DType.I8) {
            gatherInt8(dst, src, table.scales(), id, beta, n);
        } else if (type == DType.F32) {
            VectorElementwise.axpby(dst, 1, src, beta, n);
        } else if (beta == 0) {
            Conversions.run(dst, DType.F32, src, type, n);
        } else {
            for (int i = 0; i < n; i++, dst += 4, src += 2) {
                Lanes.set(dst, beta * Lanes.get(dst) + Conversions.get(type, src));
            }
        }
    }

    private static void gatherInt8(long dst, long src, Scales scales, int id, float beta, int n) {
        boolean each = scales != null && !scales.ofRows();
        long factors = scales == null ? 0 : scales.values().address();
        float factor = scales == null ? 1 : Lanes.get(factors + (each ? 0 : 4L * id));
        if (beta == 0) {
            if (each) {
                Int8Floats.widen(dst, src, n, factors);
            } else {
                Int8Floats.widen(dst, src, n, factor);
            }
            return;
        }
        for (int i = 0; i < n; i++, dst += 4) {
            float value = (each ? Lanes.get(factors + 4L * i) : factor) * Int8Floats.get(src + i);
            Lanes.set(dst, beta * Lanes.get(dst) + value);
        }
    }

    /// Columns of part `part` of `dtable[ids[i]] += dy[i]`, `i` in order: a part owns its columns in every row of the
    /// table, so that equal ids need no lock and are added in the order of `i`.
    static void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, int part) {
        int from = part * COLUMNS;
        int n = Math.min(COLUMNS, dy.cols() - from);
        for (int row = 0; row < dy.rows(); row++) {
            int id = Lanes.getInt(ids.address() + 4L * row);
            if (id >= 0) {
                long out = Lanes.at(dtable, id, from);
                VectorElementwise.add(out, out, Lanes.at(dy, row, from), n);
            }
        }
    }

    /// `dst[i] ← src[index[i]]` for `n` elements, 0 for a negative index.
    static void take(long dst, long src, long index, int n) {
        for (int i = 0; i < n; i++, dst += 4, index += 4) {
            int at = Lanes.getInt(index);
            Lanes.set(dst, at < 0 ? 0 : Lanes.get(src + 4L * at));
        }
    }

    /// `dx[index[i]] += dy[i]` in the order of `i`.
    static void takeBackward(long dx, long dy, long index, long n) {
        for (long i = 0; i < n; i++, dy += 4, index += 4) {
            int at = Lanes.getInt(index);
            if (at >= 0) {
                long target = dx + 4L * at;
                Lanes.set(target, Lanes.get(target) + Lanes.get(dy));
            }
        }
    }
}
