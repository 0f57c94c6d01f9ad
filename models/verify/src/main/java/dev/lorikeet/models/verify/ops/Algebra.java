package dev.lorikeet.models.verify.ops;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Reshape;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.autograd.op.SumRows;
import dev.lorikeet.autograd.op.Take;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.Numbers;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/// Arithmetic of PyTorch's kind, with broadcasting and any number of extents, composed of the engine's ops: whatever
/// only moves elements is a [Take], so every composition has its gradient.
final class Algebra {
    private final Tape tape;
    private final Backend backend;

    public Algebra(Tape tape, Backend backend) {
        this.tape = tape;
        this.backend = backend;
    }

    /// Numbers that no gradient flows to.
    public Activation constant(Shape shape, double[] values) {
        Tensor tensor = tape.allocate(DType.F32, shape);
        Numbers.upload(backend, tensor, values);
        return tape.constant(tensor);
    }

    /// A constant with one value everywhere.
    public Activation filled(Shape shape, double value) {
        Tensor tensor = tape.allocate(DType.F32, shape);
        tape.kernels().fill(tensor, value);
        return tape.constant(tensor);
    }

    /// `y[at] = x[source(at)]`, 0 where the source is negative.
    ///
    /// @param source position in the flattened x for the coordinates in y
    public Activation take(Variable x, Shape shape, ToIntFunction<int[]> source) {
        return Take.apply(tape, x, tape.ints(positions(shape, source)), shape);
    }

    public Activation reshape(Variable x, Shape shape) {
        return Reshape.apply(tape, x, shape);
    }

    /// Extent `i` of the result is extent `dims[i]` of x.
    public Activation permute(Variable x, int... dims) {
        int[] strides = strides(x.shape());
        int[] extents = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            extents[i] = x.shape().dim(dims[i]);
        }
        return take(x, Shape.of(extents), at -> {
            int position = 0;
            for (int i = 0; i < at.length; i++) {
                position += at[i] * strides[dims[i]];
            }
            return position;
        });
    }

    /// Extent `dim` moved to the end.
    public Activation lastly(Variable x, int dim) {
        int rank = x.shape().rank();
        int[] order = new int[rank];
        for (int i = 0, j = 0; i < rank; i++) {
            if (i != dim) {
                order[j++] = i;
            }
        }
        order[rank - 1] = dim;
        return permute(x, order);
    }

    /// The inverse of [#lastly].
    public Activation backFromLast(Variable x, int dim) {
        int rank = x.shape().rank();
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i < dim ? i : i == dim ? rank - 1 : i - 1;
        }
        return permute(x, order);
    }

    /// Where each element of [#backFromLast] comes from in a tensor of this shape.
    public static int[] permutation(Shape shape, int dim) {
        int rank = shape.rank();
        int[] extents = new int[rank];
        int[] along = new int[rank];
        int[] strides = strides(shape);
        for (int i = 0; i < rank; i++) {
            int from = i < dim ? i : i == dim ? rank - 1 : i - 1;
            extents[i] = shape.dim(from);
            along[i] = strides[from];
        }
        return positions(Shape.of(extents), at -> dot(at, along));
    }

    private static int[] positions(Shape shape, ToIntFunction<int[]> source) {
        int[] index = new int[Math.toIntExact(shape.size())];
        int[] at = new int[shape.rank()];
        for (int i = 0; i < index.length; i++) {
            index[i] = source.applyAsInt(at);
            for (int d = at.length - 1; d >= 0 && ++at[d] == shape.dim(d); d--) {
                at[d] = 0;
            }
        }
        return index;
    }

    /// Repeats extents of 1, and puts new ones in front.
    public Variable expand(Variable x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        int[] strides = strides(x.shape());
        int missing = shape.rank() - x.shape().rank();
        return take(x, shape, at -> {
            int position = 0;
            for (int i = 0; i < strides.length; i++) {
                position += x.shape().dim(i) == 1 ? 0 : at[missing + i] * strides[i];
            }
            return position;
        });
    }

    /// The shape that both expand to.
    public static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        int[] extents = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int da = i <= a.rank() ? a.dim(-i) : 1;
            int db = i <= b.rank() ? b.dim(-i) : 1;
            if (da != db && da != 1 && db != 1) {
                throw new IllegalArgumentException("shapes %s and %s do not broadcast".formatted(a, b));
            }
            extents[rank - i] = da == 1 ? db : da;
        }
        return Shape.of(extents);
    }

    public Activation add(Variable a, Variable b) {
        return add(a, 1, b);
    }

    /// `a + alpha·b`, broadcasting.
    public Activation add(Variable a, double alpha, Variable b) {
        Shape shape = broadcast(a.shape(), b.shape());
        return Add.apply(tape, expand(a, shape), alpha, expand(b, shape));
    }

    public Activation multiply(Variable a, Variable b) {
        Shape shape = broadcast(a.shape(), b.shape());
        return Multiply.apply(tape, expand(a, shape), expand(b, shape));
    }

    public Activation divide(Variable a, Variable b) {
        return multiply(a, map(b, UnaryFunction.RECIPROCAL));
    }

    public Activation scale(Variable x, double factor) {
        return Scale.apply(tape, x, factor);
    }

    public Activation map(Variable x, UnaryFunction f) {
        return Elementwise.apply(tape, x, f);
    }

    /// x where the mask (broadcast) is `wanted`, 0 elsewhere; no gradient flows to what is left out.
    public Activation keep(Variable x, Golden mask, boolean wanted) {
        Shape shape = broadcast(x.shape(), mask.shape());
        boolean[] flags = mask.flags();
        int[] strides = strides(mask.shape());
        int missing = shape.rank() - strides.length;
        int[] own = strides(shape);
        return take(expand(x, shape), shape, at -> {
            int position = 0;
            for (int i = 0; i < strides.length; i++) {
                position += mask.shape().dim(i) == 1 ? 0 : at[missing + i] * strides[i];
            }
            return flags[position] == wanted ? dot(at, own) : -1;
        });
    }

    /// x, but `value` where the mask is set.
    public Activation maskedFill(Variable x, Golden mask, double value) {
        Activation kept = keep(x, mask, false);
        double[] filling = new double[mask.values().length];
        for (int i = 0; i < filling.length; i++) {
            filling[i] = mask.values()[i] != 0 ? value : 0;
        }
        return add(kept, constant(mask.shape(), filling));
    }

    /// Sum over some extents; without `keep` they vanish.
    public Activation sum(Variable x, int[] dims, boolean keep) {
        int rank = x.shape().rank();
        boolean[] summed = new boolean[rank];
        for (int dim : dims) {
            summed[dim < 0 ? dim + rank : dim] = true;
        }
        List<Integer> order = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        int rows = 1;
        for (int i = 0; i < rank; i++) {
            if (summed[i]) {
                order.add(i);
                rows *= x.shape().dim(i);
            }
        }
        for (int i = 0; i < rank; i++) {
            if (!summed[i]) {
                order.add(i);
                left.add(x.shape().dim(i));
            } else if (keep) {
                left.add(1);
            }
        }
        Activation front = permute(x, order.stream().mapToInt(i -> i).toArray());
        int cols = Math.toIntExact(x.shape().size() / Math.max(1, rows));
        Activation total = SumRows.apply(tape, reshape(front, Shape.of(rows, cols)));
        return reshape(total, Shape.of(left.stream().mapToInt(i -> i).toArray()));
    }

    /// Joins along an existing extent.
    public Activation cat(List<Variable> parts, int along) {
        int dim = along < 0 ? along + parts.getFirst().shape().rank() : along;
        int[] extents = parts.getFirst().shape().dims();
        extents[dim] = parts.stream().mapToInt(part -> part.shape().dim(dim)).sum();
        Shape shape = Shape.of(extents);
        Activation joined = null;
        int from = 0;
        for (Variable part : parts) {
            int start = from;
            int[] strides = strides(part.shape());
            int width = part.shape().dim(dim);
            Activation placed = take(part, shape, at -> {
                if (at[dim] < start || at[dim] >= start + width) {
                    return -1;
                }
                return dot(at, strides) - start * strides[dim];
            });
            joined = joined == null ? placed : Add.apply(tape, joined, placed);
            from += width;
        }
        return joined;
    }

    /// `width` entries of extent `dim` from `from` on.
    public Activation slice(Variable x, int dim, int from, int width) {
        int[] extents = x.shape().dims();
        int[] strides = strides(x.shape());
        extents[dim] = width;
        return take(x, Shape.of(extents), at -> dot(at, strides) + from * strides[dim]);
    }

    /// Products of matrices in the last two extents, the leading ones broadcast.
    public Activation batchProduct(Variable a, boolean transposeA, Variable b, boolean transposeB) {
        Shape leading = broadcast(leading(a.shape()), leading(b.shape()));
        Variable left = expand(a, append(leading, a.shape().dim(-2), a.shape().dim(-1)));
        Variable right = expand(b, append(leading, b.shape().dim(-2), b.shape().dim(-1)));
        int batches = Math.toIntExact(leading.size());
        List<Variable> products = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            products.add(MatMul.apply(
                    tape, matrix(left, batches, i), transposeA, matrix(right, batches, i), transposeB));
        }
        int m = a.shape().dim(transposeA ? -1 : -2);
        int n = b.shape().dim(transposeB ? -2 : -1);
        return reshape(cat(products, 0), append(leading, m, n));
    }

    private Activation matrix(Variable x, int batches, int i) {
        int rows = x.shape().dim(-2);
        int cols = x.shape().dim(-1);
        return slice(reshape(x, Shape.of(batches * rows, cols)), 0, i * rows, rows);
    }

    public static Shape leading(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
    }

    public static Shape append(Shape shape, int... more) {
        int[] extents = Arrays.copyOf(shape.dims(), shape.rank() + more.length);
        System.arraycopy(more, 0, extents, shape.rank(), more.length);
        return Shape.of(extents);
    }

    /// How far apart neighbours are along each extent.
    public static int[] strides(Shape shape) {
        int[] strides = new int[shape.rank()];
        int next = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = next;
            next *= shape.dim(i);
        }
        return strides;
    }

    public static int dot(int[] at, int[] strides) {
        int position = 0;
        for (int i = 0; i < at.length; i++) {
            position += at[i] * strides[i];
        }
        return position;
    }
}
