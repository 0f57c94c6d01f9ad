package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Operand;
import dev.lorikeet.autograd.Saver;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// LoRA's update of a projection's output, `y ← y + s·drop(x)·Aᵀ·Bᵀ` (LoRA paper, §4.1), on all columns of y or on
/// slices of them (`MergedLinear` of loralib: slice g uses rows `[g·r, (g+1)·r)` of A and its own rows of B):
///
/// ```text
/// h   = drop(x)·Aᵀ                     (N, G·r), all slices in one product
/// y_g = y_g + s·h_g·B_gᵀ               in place
/// dh_g = s·dy_g·B_g     dB_g = s·dy_gᵀ·h_g     dA = dhᵀ·drop(x)     dx = drop′(dh·A)     dy passes through
/// ```
///
/// The dropped-out input is not kept: backward draws the same mask again.
///
/// @param x       input `(N, in)`, needed only if A trains
/// @param h       `(N, G·r)`, kept only if B trains
/// @param a       `(G·r, in)`, kept only if x needs a gradient
/// @param b       `(Σ widths, r)`, kept only if A trains or x needs a gradient
/// @param slices  the columns of y that are updated, in the order of B's rows
/// @param scale   `s = α/r`, or `α/√r` for rsLoRA
/// @param dropout probability of dropping an element of x
/// @param key     random stream of the mask, null if `dropout` is 0
public record LowRankDelta(
        Operand x, Tensor h, Tensor a, Tensor b, List<ColumnSlice> slices, double scale, double dropout, RandomKey key)
        implements Op {

    /// Adds the delta to `y` in place and returns the sum; `y` must be a fresh activation that nothing has saved.
    ///
    /// @param dropout probability of dropping an input element; ignored on a tape without randomness
    public static Activation apply(
            Tape tape,
            Activation y,
            Variable x,
            Variable a,
            Variable b,
            List<ColumnSlice> slices,
            double scale,
            double dropout) {
        Dropout.requireProbability(dropout);
        checkShapes(y, x, a, b, slices);
        RandomKey key = dropout > 0 ? tape.nextRandom().orElse(null) : null;
        double p = key == null ? 0 : dropout;
        Tensor sum = tape.overwrite(y);
        Tensor h = tape.allocate(x.dtype(), Shape.of(x.value().rows(), a.shape().dim(0)));
        if (p > 0) {
            try (var _ = tape.frame()) {
                Tensor dropped = tape.allocate(x.dtype(), x.shape());
                tape.kernels().dropout(dropped, x.value(), p, key, 0);
                tape.kernels().gemm(h, dropped, false, a.value(), true, 1, 0);
            }
        } else {
            tape.kernels().gemm(h, x.value(), false, a.value(), true, 1, 0);
        }
        int r = b.shape().dim(1);
        for (int g = 0, row = 0; g < slices.size(); row += slices.get(g++).width()) {
            ColumnSlice slice = slices.get(g);
            tape.kernels().gemm(
                    sum.cols(slice.from(), slice.to()),
                    h.cols(g * r, (g + 1) * r), false,
                    b.value().rows(row, row + slice.width()), true, scale, 1);
        }
        boolean aTrains = tape.needsGrad(a);
        boolean xNeeds = tape.needsGrad(x);
        return tape.record(
                LowRankDelta.class,
                sum,
                (Saver save) -> new LowRankDelta(
                        save.operand(aTrains, x),
                        save.when(tape.needsGrad(b), h),
                        save.when(xNeeds, a.value()),
                        save.when(aTrains || xNeeds, b.value()),
                        slices, scale, p, key),
                y, x, a, b);
    }

    private static void checkShapes(Activation y, Variable x, Variable a, Variable b, List<ColumnSlice> slices) {
        if (a.shape().dim(1) != x.value().cols()) {
            throw new ShapeMismatch("lowRankDelta", x.shape(), a.shape(), "A must have as many columns as the input");
        }
        int width = slices.stream().mapToInt(ColumnSlice::width).sum();
        int last = slices.stream().mapToInt(ColumnSlice::to).max().orElse(0);
        if (b.shape().dim(0) != width || last > y.value().cols()) {
            throw new ShapeMismatch(
                    "lowRankDelta", y.shape(), b.shape(), "slices %s need %d rows of B".formatted(slices, width));
        }
        if (a.shape().dim(0) != slices.size() * b.shape().dim(1)) {
            throw new ShapeMismatch(
                    "lowRankDelta", a.shape(), b.shape(), "A must have %d·r rows".formatted(slices.size()));
        }
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.pass(0);
        Tensor dh = grads.needs(1) || grads.needs(2) ? gradientOfHidden(dy, grads) : null;
        grads.into(1, (dx, beta) -> {
            if (dropout > 0) {
                Tensor dropped = grads.temporary(dx.dtype(), dx.shape());
                grads.kernels().gemm(dropped, dh, false, a, false, 1, 0);
                grads.kernels().dropout(dx, dropped, dropout, key, beta);
            } else {
                grads.kernels().gemm(dx, dh, false, a, false, 1, beta);
            }
        });
        grads.into(2, (da, beta) -> grads.kernels().gemm(da, dh, true, droppedInput(grads), false, 1, beta));
        grads.into(3, (db, beta) -> {
            int r = db.cols();
            for (int g = 0, row = 0; g < slices.size(); row += slices.get(g++).width()) {
                ColumnSlice slice = slices.get(g);
                grads.kernels().gemm(
                        db.rows(row, row + slice.width()),
                        dy.cols(slice.from(), slice.to()), true,
                        h.cols(g * r, (g + 1) * r), false, scale, beta);
            }
        });
    }

    private Tensor gradientOfHidden(Tensor dy, Grads grads) {
        int r = b.cols();
        Tensor dh = grads.temporary(dy.dtype(), Shape.of(dy.rows(), slices.size() * r));
        for (int g = 0, row = 0; g < slices.size(); row += slices.get(g++).width()) {
            ColumnSlice slice = slices.get(g);
            grads.kernels().gemm(
                    dh.cols(g * r, (g + 1) * r),
                    dy.cols(slice.from(), slice.to()), false,
                    b.rows(row, row + slice.width()), false, scale, 0);
        }
        return dh;
    }

    private Tensor droppedInput(Grads grads) {
        Tensor input = x.value(grads);
        if (dropout == 0) {
            return input;
        }
        Tensor dropped = grads.temporary(input.dtype(), input.shape());
        grads.kernels().dropout(dropped, input, dropout, key, 0);
        return dropped;
    }
}
