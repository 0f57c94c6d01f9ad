package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/// The update of one projection, `Δy = s·drop(x)·Aᵀ·Bᵀ`, equivalent to `ΔW = s·B·A`. With column slices, slice g has
/// rows `[g·r, (g+1)·r)` of A and its own rows of B (`MergedLinear` of loralib).
///
/// @param path    the projection
/// @param a       `(G·r, in)`, G the number of slices
/// @param b       `(Σ widths, r)`
/// @param columns the slices as they were asked for
/// @param slices  the same in numbers
/// @param out     number of columns of the projection
/// @param scale   `s`
/// @param dropout probability of dropping an element of x on a tape with randomness
/// @param extra   what a variant of LoRA trains beside A and B
/// @param table   whether it updates an embedding table, whose rows are the inputs, rather than a projection
public record LoraDelta(
        String path, Weight a, Weight b, Columns columns, List<ColumnSlice> slices, int out, double scale,
        double dropout, Variant.Extra extra, boolean table) {
    public LoraDelta {
        int r = b.shape().cols();
        int width = slices.stream().mapToInt(ColumnSlice::width).sum();
        if (b.shape().rank() != 2 || b.shape().dim(0) != width) {
            throw new ShapeMismatch(
                    b.name(), b.shape(), Shape.of(width, r), "'%s' has %d columns".formatted(path, width));
        }
        if (a.shape().rank() != 2 || a.shape().dim(0) != slices.size() * r) {
            throw new ShapeMismatch(
                    a.name(), a.shape(), b.shape(), "A must have %d·r rows, r = %d".formatted(slices.size(), r));
        }
    }

    /// An update of these columns of the module at `site`.
    static LoraDelta of(Site site, Weight a, Weight b, Columns columns, double scale, double dropout) {
        return new LoraDelta(site.path(), a, b, columns, columns.slices(site.path(), site.out()), site.out(), scale,
                dropout, Variant.Extra.NONE, site.table());
    }

    /// The same update with more to it.
    LoraDelta with(Variant.Extra more) {
        return new LoraDelta(path, a, b, columns, slices, out, scale, dropout, more, table);
    }

    /// All that belongs to this update: A, B, then what is extra.
    public List<Weight> weights() {
        return Stream.concat(Stream.of(a, b), extra.weights().values().stream()).toList();
    }

    /// `r`.
    public int rank() {
        return b.shape().dim(1);
    }

    /// Number of inputs of the projection.
    public int in() {
        return a.shape().dim(1);
    }

    /// Adds `Δy` to `y` in place; `y` must be a fresh activation.
    Activation addTo(Tape tape, Activation y, Variable x) {
        return LowRankDelta.apply(tape, y, x, a, b, slices, scale, dropout);
    }

    /// As [#addTo(Tape, Activation, Variable)] for an `x` of which elements have been dropped already.
    Activation addToDropped(Tape tape, Activation y, Variable x) {
        return LowRankDelta.apply(tape, y, x, a, b, slices, scale, 0);
    }

    /// `dst ← dst + ΔW`, or `dst + ΔWᵀ` for a weight stored `(in, out)`.
    void addTo(Kernels kernels, Tensor dst, WeightOrder order) {
        int r = rank();
        int row = 0;
        int g = 0;
        for (ColumnSlice slice : slices) {
            Tensor ag = a.value().rows(g * r, (g + 1) * r);                                      // (r, in)
            Tensor bg = b.value().rows(row, row + slice.width());                                // (width, r)
            if (order == WeightOrder.OUT_IN) {
                kernels.gemm(dst.rows(slice.from(), slice.to()), bg, false, ag, false, scale, 1);
            } else {
                kernels.gemm(dst.cols(slice.from(), slice.to()), ag, true, bg, true, scale, 1);
            }
            row += slice.width();
            g++;
        }
    }
}
