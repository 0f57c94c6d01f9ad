package dev.lorikeet.models.verify.ops;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Matrix products, linear layers, LoRA and DoRA on one layer, convolution.
final class ProductRecipes {
    private ProductRecipes() {}

    public static Map<String, OpsCase.OpRecipe> all() {
        Map<String, OpsCase.OpRecipe> recipes = new HashMap<>();
        recipes.put("matmul", ProductRecipes::matmul);
        recipes.put("bmm", run -> run.out("y", run.algebra().batchProduct(
                run.in("a"), run.attr("transpose_a").asBoolean(), run.in("b"), run.attr("transpose_b").asBoolean())));
        recipes.put("linear", run -> linear(run, run.in("bias"), WeightOrder.OUT_IN));
        recipes.put("linear_nobias", run -> linear(run, null, WeightOrder.OUT_IN));
        recipes.put("conv1d_hf", run -> linear(run, run.in("bias"), WeightOrder.IN_OUT));
        recipes.put("lora_linear", ProductRecipes::loraLinear);
        recipes.put("dora_linear", ProductRecipes::doraLinear);
        recipes.put("matvec", ProductRecipes::matrixTimesVector);
        recipes.put("dot", run -> run.out("y", run.algebra().reshape(
                Sum.apply(run.tape(), run.algebra().multiply(run.in("a"), run.in("x")), 1), Shape.of())));
        recipes.put("conv1d", ProductRecipes::conv1d);
        return recipes;
    }

    private static void matmul(OpRun run) {
        Variable a = run.in("a");
        Variable b = run.in("b");
        boolean transposeA = run.attr("transpose_a").asBoolean();
        boolean transposeB = run.attr("transpose_b").asBoolean();
        boolean plain = a.shape().rank() == 2 && b.shape().rank() == 2;
        run.out("y", plain
                ? MatMul.apply(run.tape(), a, transposeA, b, transposeB)
                : run.algebra().batchProduct(a, transposeA, b, transposeB));
    }

    private static void linear(OpRun run, Variable bias, WeightOrder order) {
        run.out("y", Linear.apply(run.tape(), run.in("x"), run.in("weight"), bias, order));
    }

    private static void matrixTimesVector(OpRun run) {
        Variable x = run.in("x");
        Activation column = run.algebra().reshape(x, Shape.of(x.shape().dim(0), 1));
        Activation y = MatMul.apply(run.tape(), run.in("a"), false, column, false);
        run.out("y", run.algebra().reshape(y, Shape.of(y.shape().dim(0))));
    }

    private static void loraLinear(OpRun run) {
        Variable x = run.in("x");
        Variable bias = run.has("bias") ? run.in("bias") : null;
        Activation base = Linear.apply(run.tape(), x, run.in("weight"), bias, WeightOrder.OUT_IN);
        List<ColumnSlice> all = List.of(new ColumnSlice(0, base.shape().cols()));
        run.out("y", LowRankDelta.apply(
                run.tape(), base, x, run.in("A"), run.in("B"), all, run.attr("scaling").doubleValue(), 0));
    }

    /// `V = W + s·B·A`, `y = (m/‖V‖)∘(x·Vᵀ) + b`, the norm of each row of V taken as a constant.
    private static void doraLinear(OpRun run) {
        Algebra algebra = run.algebra();
        Activation update = MatMul.apply(run.tape(), run.in("B"), false, run.in("A"), false);
        Activation v = algebra.add(run.in("weight"), run.attr("scaling").doubleValue(), update);
        Activation norm = algebra.map(algebra.sum(algebra.multiply(v, v), new int[] {1}, false), UnaryFunction.SQRT);
        Activation gain = algebra.divide(run.in("m"), run.tape().constant(norm.value()));
        Activation y = algebra.multiply(
                Linear.apply(run.tape(), run.in("x"), v, null, WeightOrder.OUT_IN), gain);
        run.out("y", run.has("bias") ? algebra.add(y, run.in("bias")) : y);
    }

    /// Each window of x becomes a row (zero outside of x), so that a group is one matrix product.
    private static void conv1d(OpRun run) {
        Algebra algebra = run.algebra();
        Variable x = run.in("x");                                                    // (B, C, L)
        Variable weight = run.in("weight");                                          // (out, C/groups, K)
        int groups = run.attr("groups").asInt(1);
        int stride = run.attr("stride").asInt(1);
        int dilation = run.attr("dilation").asInt(1);
        int padding = run.attr("padding").asInt(0);
        int B = x.shape().dim(0);
        int C = x.shape().dim(1);
        int L = x.shape().dim(2);
        int out = weight.shape().dim(0);
        int inner = weight.shape().dim(1);
        int K = weight.shape().dim(2);
        int T = (L + 2 * padding - dilation * (K - 1) - 1) / stride + 1;
        List<Variable> outputs = new ArrayList<>();
        for (int g = 0; g < groups; g++) {
            int first = g * inner;
            Activation windows = algebra.take(x, Shape.of(B, T, inner, K), at -> {
                int t = at[1] * stride + at[3] * dilation - padding;
                return t < 0 || t >= L ? -1 : (at[0] * C + first + at[2]) * L + t;
            });
            Activation own = algebra.slice(weight, 0, g * (out / groups), out / groups);
            outputs.add(MatMul.apply(
                    run.tape(), algebra.reshape(windows, Shape.of(B * T, inner * K)), false,
                    algebra.reshape(own, Shape.of(out / groups, inner * K)), true));
        }
        Activation rows = algebra.cat(outputs, 1);                                   // (B·T, out)
        Activation biased = run.has("bias") ? algebra.add(rows, run.in("bias")) : rows;
        run.out("y", algebra.permute(algebra.reshape(biased, Shape.of(B, T, out)), 0, 2, 1));
    }
}
