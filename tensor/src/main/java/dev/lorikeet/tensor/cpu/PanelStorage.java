package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;
import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// A frozen F32 matrix as panels that [GemmPacked] reads without packing them again.
///
/// A projection has `inputs` and `outputs`; a panel holds [GemmKernel#COLUMNS] outputs side by side, one input after
/// the other: number `i·COLUMNS + o % COLUMNS` of panel `o / COLUMNS` belongs to input `i` and output `o`. Outputs that
/// the last panel has too many are 0. The bytes mean nothing to kernels that expect rows, so there is no address to
/// hand them.
///
/// @param panels        the panels, each [#stride] bytes after the one before it
/// @param outputsAreRows whether the matrix is `(outputs, inputs)`; otherwise it is `(inputs, outputs)`
record PanelStorage(HostStorage panels, int inputs, int outputs, boolean outputsAreRows) implements Storage {
    /// Packs `matrix` on the calling thread's `spans`; `matrix` is left as it is.
    static PanelStorage of(Tensor matrix, boolean outputsAreRows, HostMemory memory, Spans spans) {
        int inputs = outputsAreRows ? matrix.cols() : matrix.rows();
        int outputs = outputsAreRows ? matrix.rows() : matrix.cols();
        int count = Math.ceilDiv(outputs, COLUMNS);
        HostStorage panels = memory.allocate(count * GemmPanels.bytes(COLUMNS, inputs));
        PanelStorage storage = new PanelStorage(panels, inputs, outputs, outputsAreRows);
        spans.parts(count, matrix.size(), panel -> storage.fill(matrix, panel));
        return storage;
    }

    private void fill(Tensor matrix, int panel) {
        long to = at(panel, 0);
        int first = panel * COLUMNS;
        int left = outputs - first;
        long step = 4L * matrix.rowStride();
        if (outputsAreRows) {
            GemmPanels.across(to, COLUMNS, Lanes.at(matrix, first, 0), step, left, inputs, 1);
        } else {
            GemmPanels.along(to, COLUMNS, Lanes.at(matrix, 0, first), step, left, inputs, 1);
        }
        for (int o = left; o < COLUMNS; o++) {                       // packing repeats the last output there
            for (int i = 0; i < inputs; i++) {
                ALL.set(FLOAT, to + 4L * (i * COLUMNS + o), 0);
            }
        }
    }

    /// Bytes from one panel to the next.
    long stride() {
        return GemmPanels.bytes(COLUMNS, inputs);
    }

    /// Address of an input of panel number `panel`.
    long at(int panel, int input) {
        return panels.address() + panel * stride() + 4L * COLUMNS * input;
    }

    /// Packs a piece of a panel for the product with the transposed matrix: [GemmKernel#COLUMNS] inputs from `input`
    /// side by side, `n` outputs from `output` one after the other, at most those of one panel.
    void packInputs(long to, int input, int output, int n) {
        GemmPanels.across(to, COLUMNS, at(output / COLUMNS, input), 4L * COLUMNS, inputs - input, n, 1);
    }

    /// True if `view` is the whole matrix, and not something else on the same bytes.
    boolean isWhole(Tensor view) {
        return view.offset() == 0 && view.shape().rank() == 2
                && view.rows() == (outputsAreRows ? outputs : inputs)
                && view.cols() == (outputsAreRows ? inputs : outputs);
    }

    /// Copies elements `from` to `from + n` of a row of the matrix to `to`, or adds them after scaling what is there
    /// by `beta`.
    void copyRow(long to, int row, int from, int n, float beta) {
        for (int j = 0; j < n; j++) {
            int column = from + j;
            int input = outputsAreRows ? column : row;
            int output = outputsAreRows ? row : column;
            long at = at(output / COLUMNS, input) + 4L * (output % COLUMNS);
            float value = ALL.get(FLOAT, at);
            ALL.set(FLOAT, to + 4L * j, beta == 0 ? value : beta * ALL.get(FLOAT, to + 4L * j) + value);
        }
    }

    @Override
    public long bytes() {
        return panels.bytes();
    }

    @Override
    public long address() {
        throw new IllegalStateException("this matrix of %d inputs and %d outputs was packed for products: copy it into "
                .formatted(inputs, outputs) + "a tensor of rows before anything else reads it");
    }

    @Override
    public MemorySegment segment() {
        address();
        return panels.segment();
    }
}
