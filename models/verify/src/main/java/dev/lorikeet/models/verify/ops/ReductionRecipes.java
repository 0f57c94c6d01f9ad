package dev.lorikeet.models.verify.ops;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.LayerNorm;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// Sums, means, maxima, norms, and what chooses elements by their size.
final class ReductionRecipes {
    private ReductionRecipes() {}

    public static Map<String, OpsCase.OpRecipe> all() {
        Map<String, OpsCase.OpRecipe> recipes = new HashMap<>();
        recipes.put("sum", run -> sum(run, false));
        recipes.put("mean", run -> sum(run, true));
        recipes.put("max", ReductionRecipes::max);
        recipes.put("argmax", run -> run.out("y", largest(run, run.in("x"), dim(run, run.in("x")))));
        recipes.put("topk", ReductionRecipes::topK);
        recipes.put("var_biased", ReductionRecipes::variance);
        recipes.put("logsumexp", ReductionRecipes::logSumExp);
        recipes.put("cumsum", ReductionRecipes::cumulativeSum);
        recipes.put("layernorm", ReductionRecipes::layerNorm);
        recipes.put("layernorm_noaffine", ReductionRecipes::layerNorm);
        recipes.put("row_norm", run -> {
            Variable x = run.in("x");
            Algebra algebra = run.algebra();
            Activation squares = algebra.sum(algebra.multiply(x, x), new int[] {dim(run, x)}, keeps(run));
            run.out("y", algebra.map(squares, UnaryFunction.SQRT));
        });
        return recipes;
    }

    /// The attribute `dim`, counted from the front; the last extent if there is none.
    public static int dim(OpRun run, Variable x) {
        int dim = run.attr("dim").asInt(-1);
        return dim < 0 ? dim + x.shape().rank() : dim;
    }

    private static boolean keeps(OpRun run) {
        return run.attr("keepdim").asBoolean(false);
    }

    private static void sum(OpRun run, boolean mean) {
        Variable x = run.in("x");
        int[] dims = run.attr("dim").isNull() || run.attr("dim").isMissingNode()
                ? IntStream.range(0, x.shape().rank()).toArray()
                : Manifest.ints(run.attr("dim"));
        Activation total = run.algebra().sum(x, dims, keeps(run));
        double count = (double) x.shape().size() / Math.max(1, total.shape().size());
        run.out("y", mean ? run.algebra().scale(total, 1 / count) : total);
    }

    /// Index of the first largest element along `dim`, one for each of the other coordinates.
    private static int[] largest(OpRun run, Variable x, int dim) {
        Tensor rows = run.algebra().lastly(x, dim).value();
        Tensor index = run.tape().allocate(DType.I32, Shape.of(rows.rows()));
        run.tape().kernels().argmaxRows(index, rows);
        int[] found = new int[rows.rows()];
        run.backend().download(MemorySegment.ofArray(found), index);
        return found;
    }

    /// The maximum is an element like any other: its gradient goes to where it was found.
    private static void max(OpRun run) {
        Variable x = run.in("x");
        run.out("y", maximum(run, x, dim(run, x), keeps(run)));
    }

    public static Activation maximum(OpRun run, Variable x, int dim, boolean keep) {
        int[] found = largest(run, x, dim);
        Activation rows = run.algebra().lastly(x, dim);
        int cols = rows.shape().cols();
        Activation chosen = run.algebra().take(rows, rows.shape().withLast(1), at -> {
            int row = Algebra.dot(at, Algebra.strides(rows.shape().withLast(1)));
            return row * cols + found[row];
        });
        Activation back = run.algebra().backFromLast(chosen, dim);
        return keep ? back : run.algebra().sum(back, new int[] {dim}, false);
    }

    private static void topK(OpRun run) {
        Variable x = run.in("x");
        Algebra algebra = run.algebra();
        int dim = dim(run, x);
        int k = run.attr("k").intValue();
        Activation rows = algebra.lastly(x, dim);
        int cols = rows.shape().cols();
        double[] values = HostValues.doubles(run.backend(), rows.value());
        int[][] order = new int[rows.shape().rows()][];
        for (int i = 0; i < order.length; i++) {
            int start = i * cols;
            order[i] = IntStream.range(0, cols).boxed()
                    .sorted(Comparator.comparingDouble((Integer j) -> -values[start + j]))
                    .limit(k).mapToInt(Integer::intValue).toArray();
        }
        Shape shape = rows.shape().withLast(k);
        int[] strides = Algebra.strides(shape);
        Activation chosen = algebra.take(rows, shape, at -> {
            int position = Algebra.dot(at, strides);
            return position / k * cols + order[position / k][position % k];
        });
        run.out("values", algebra.backFromLast(chosen, dim));
        int[] back = Algebra.permutation(shape, dim);
        run.out("indices", IntStream.of(back).map(position -> order[position / k][position % k]).toArray());
    }

    private static void variance(OpRun run) {
        Variable x = run.in("x");
        Algebra algebra = run.algebra();
        int dim = dim(run, x);
        double n = x.shape().dim(dim);
        Activation mean = algebra.scale(algebra.sum(x, new int[] {dim}, true), 1 / n);
        Activation centred = algebra.add(x, -1, mean);
        Activation squares = algebra.sum(algebra.multiply(centred, centred), new int[] {dim}, keeps(run));
        run.out("y", algebra.scale(squares, 1 / n));
    }

    /// `max + ln Σ exp(x − max)`; the maximum, a constant here, cancels in the gradient.
    private static void logSumExp(OpRun run) {
        Variable x = run.in("x");
        Algebra algebra = run.algebra();
        int dim = dim(run, x);
        Activation max = run.tape().constant(maximum(run, x, dim, true).value());
        Activation exp = algebra.map(algebra.add(x, -1, max), UnaryFunction.EXP);
        Activation log = algebra.map(algebra.sum(exp, new int[] {dim}, true), UnaryFunction.LOG);
        Activation y = algebra.add(log, max);
        run.out("y", keeps(run) ? y : algebra.sum(y, new int[] {dim}, false));
    }

    /// A product with a triangle of ones.
    private static void cumulativeSum(OpRun run) {
        Variable x = run.in("x");
        Algebra algebra = run.algebra();
        int dim = dim(run, x);
        Activation rows = algebra.lastly(x, dim);
        int n = rows.shape().cols();
        double[] triangle = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                triangle[i * n + j] = 1;
            }
        }
        Activation sums = MatMul.apply(
                run.tape(), rows, false, algebra.constant(Shape.of(n, n), triangle), false);
        run.out("y", algebra.backFromLast(algebra.reshape(sums, rows.shape()), dim));
    }

    private static void layerNorm(OpRun run) {
        Variable x = run.in("x");
        Shape size = Shape.of(x.shape().cols());
        Variable weight = run.has("weight") ? run.in("weight") : run.algebra().filled(size, 1);
        Variable bias = run.has("bias") ? run.in("bias") : run.algebra().filled(size, 0);
        run.out("y", LayerNorm.apply(run.tape(), x, weight, bias, run.attr("eps").doubleValue()));
    }
}
