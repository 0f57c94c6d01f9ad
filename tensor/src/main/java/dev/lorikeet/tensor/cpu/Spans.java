package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;

/// Shares the elements, or the rows, of tensors of one shape among the threads of a team.
///
/// Small jobs stay on the calling thread: waking a team costs more than adding a few thousand numbers. Every run starts
/// at a whole number of vectors, so that an element is computed by the same instructions whatever the number of
/// threads.
final class Spans {
    /// Elements `from … from + n − 1` of row `row`, which are contiguous in every tensor of the job.
    @FunctionalInterface
    interface Span {
        void run(int row, long from, int n);
    }

    /// Elements below which a job is not worth a hand-over.
    static final int SMALL = 16_384;

    /// Elements of a piece of a contiguous tensor: 16 KiB of floats, three of which fit into a first-level cache,
    /// nearly.
    private static final int PIECE = 4096;

    /// The most pieces of one call: keeps `n` an int.
    private static final int LONGEST = 1 << 14;

    private final ThreadTeam team;

    Spans(ThreadTeam team) {
        this.team = team;
    }

    /// Runs `body` for all elements. Contiguous tensors are treated as one long row 0, others row by row.
    void each(Span body, Tensor... tensors) {
        Tensor shape = tensors[0];
        if (contiguous(tensors)) {
            pieces(shape.size(), body);
        } else {
            int cols = shape.cols();
            rows(shape.rows(), cols, (from, to) -> {
                for (int row = from; row < to; row++) {
                    body.run(row, 0, cols);
                }
            });
        }
    }

    /// Runs `body` over ranges of rows, each row worth `work` elements.
    void rows(int rows, int work, ThreadTeam.RowRange body) {
        if (rows == 0) {
            return;
        }
        if ((long) rows * work <= SMALL) {
            body.run(0, rows);
        } else {
            team.forRows(rows, Math.clamp(PIECE / Math.max(work, 1), 1, PIECE), body);
        }
    }

    /// Runs parts `0 … parts − 1`; together they are worth `work` elements.
    void parts(int parts, long work, ThreadTeam.Part body) {
        if (work <= SMALL) {
            for (int part = 0; part < parts; part++) {
                body.run(part);
            }
        } else {
            team.run(parts, body);
        }
    }

    /// Threads that may run parts at the same time.
    int threads() {
        return team.threads();
    }

    private void pieces(long size, Span body) {
        if (size <= SMALL) {
            if (size > 0) {
                body.run(0, 0, (int) size);
            }
            return;
        }
        int pieces = Math.toIntExact(Math.ceilDiv(size, (long) PIECE));
        team.forRows(pieces, 1, (from, to) -> {
            for (int piece = from; piece < to; piece += LONGEST) {
                long start = (long) piece * PIECE;
                long end = Math.min(size, (long) Math.min(to, piece + LONGEST) * PIECE);
                body.run(0, start, (int) (end - start));
            }
        });
    }

    private static boolean contiguous(Tensor[] tensors) {
        for (Tensor tensor : tensors) {
            if (!tensor.isContiguous()) {
                return false;
            }
        }
        return true;
    }
}
