package dev.lorikeet.models.verify.ops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.Softmax;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// Softmax and attention. `out.y` of a whole attention comes from the fused op, over ragged sequences as the models use
/// it; `out.probs`, which the fused op never stores, from the composition. Each gets its own upstream gradient, so the
/// expected gradients are the sum of both ways.
final class AttentionRecipes {
    private AttentionRecipes() {}

    public static Map<String, OpsCase.OpRecipe> all() {
        Map<String, OpsCase.OpRecipe> recipes = new HashMap<>();
        recipes.put("softmax", run -> run.out("y", softmax(run, run.in("x"))));
        recipes.put("log_softmax", AttentionRecipes::logSoftmax);
        recipes.put("causal_softmax", run -> run.out("y", Softmax.apply(
                run.tape(), visible(run, run.in("scores"), run.stored("causal")), Softmax.ALL)));
        recipes.put("attention_causal", run -> attention(run, true));
        recipes.put("attention_padding", run -> attention(run, false));
        recipes.put("attention_full", run -> attention(run, false));
        return recipes;
    }

    private static Activation softmax(OpRun run, Variable x) {
        int dim = ReductionRecipes.dim(run, x);
        Activation rows = Softmax.apply(run.tape(), run.algebra().lastly(x, dim), Softmax.ALL);
        return run.algebra().backFromLast(rows, dim);
    }

    /// `x − max − ln Σ exp(x − max)`.
    private static void logSoftmax(OpRun run) {
        Algebra algebra = run.algebra();
        Variable x = run.in("x");
        int dim = ReductionRecipes.dim(run, x);
        Activation max = run.tape().constant(ReductionRecipes.maximum(run, x, dim, true).value());
        Activation shifted = algebra.add(x, -1, max);
        Activation total = algebra.sum(algebra.map(shifted, UnaryFunction.EXP), new int[] {dim}, true);
        run.out("y", algebra.add(shifted, -1, algebra.map(total, UnaryFunction.LOG)));
    }

    /// Scores where the mask is set, minus infinity elsewhere.
    private static Activation visible(OpRun run, Variable scores, Golden mask) {
        double[] hidden = new double[mask.values().length];
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = mask.values()[i] != 0 ? 0 : Double.NEGATIVE_INFINITY;
        }
        Algebra algebra = run.algebra();
        return algebra.add(algebra.keep(scores, mask, true), algebra.constant(mask.shape(), hidden));
    }

    private static void attention(OpRun run, boolean causal) {
        Golden mask = run.has("mask") ? run.stored("mask") : null;
        Activation scores = run.algebra().scale(
                run.algebra().batchProduct(run.in("q"), false, run.in("k"), true), scale(run));
        Activation probs = Softmax.apply(
                run.tape(), mask == null ? scores : visible(run, scores, mask), Softmax.ALL);
        run.out("probs", probs);
        boolean fusible = causal ? isCausal(mask, run) : mask == null || isPadding(mask, run);
        run.out("y", fusible
                ? fused(run, mask, causal)
                : run.algebra().batchProduct(probs, false, run.in("v"), false));
    }

    private static double scale(OpRun run) {
        JsonNode scale = run.attr("scale");
        if (scale.isNumber()) {
            return scale.doubleValue();
        }
        if (!scale.asText("1/sqrt(d)").equals("1/sqrt(d)")) {
            throw new NotReplayed("cannot read the scale '%s'".formatted(scale.asText()));
        }
        return 1 / Math.sqrt(run.in("q").shape().cols());
    }

    private static Activation fused(OpRun run, Golden mask, boolean causal) {
        Algebra algebra = run.algebra();
        Shape shape = run.in("q").shape();                                           // (B, H, Tq, d)
        int B = shape.dim(0);
        int H = shape.dim(1);
        int Tq = shape.dim(2);
        int Tk = run.in("k").shape().dim(2);
        Activation q = rows(algebra, run.in("q"));                                   // (B·Tq, H·d)
        Activation k = rows(algebra, run.in("k"));
        Activation v = rows(algebra, run.in("v"));
        int[] lengths = new int[B];
        Arrays.fill(lengths, Tk);
        if (!causal && mask != null) {
            int[] seen = seen(mask, Tk, lengths);
            k = SelectRows.apply(run.tape(), k, run.tape().ints(seen));
            v = SelectRows.apply(run.tape(), v, run.tape().ints(seen));
        }
        int[] queries = new int[B];
        Arrays.fill(queries, Tq);
        Activation y = Attention.apply(
                run.tape(), q, k, v, Sequences.of(queries), Sequences.of(lengths),
                new AttentionSpec(H, scale(run), causal));
        Activation split = algebra.reshape(y, Shape.of(B, Tq, H, shape.dim(3)));
        return algebra.permute(split, 0, 2, 1, 3);
    }

    private static Activation rows(Algebra algebra, Variable x) {
        Activation tokens = algebra.permute(x, 0, 2, 1, 3);                          // (B, T, H, d)
        Shape shape = tokens.shape();
        return algebra.reshape(
                tokens, Shape.of(shape.dim(0) * shape.dim(1), shape.dim(2) * shape.dim(3)));
    }

    /// Rows of the keys that a padding mask shows; their numbers go to `lengths`.
    private static int[] seen(Golden mask, int Tk, int[] lengths) {
        boolean[] flags = mask.flags();
        Arrays.fill(lengths, 0);
        return IntStream.range(0, flags.length).filter(i -> flags[i]).peek(i -> lengths[i / Tk]++).toArray();
    }

    /// Whether the mask has one row of keys for each sequence, `(B, 1, 1, Tk)`.
    private static boolean isPadding(Golden mask, OpRun run) {
        Shape keys = run.in("k").shape();
        return mask.shape().equals(Shape.of(keys.dim(0), 1, 1, keys.dim(2)));
    }

    /// Whether query i sees the keys up to `i + Tk − Tq`: the last query sees the last key.
    private static boolean isCausal(Golden mask, OpRun run) {
        int Tq = run.in("q").shape().dim(2);
        int Tk = run.in("k").shape().dim(2);
        boolean[] flags = mask.flags();
        for (int i = 0; i < flags.length; i++) {
            if (flags[i] != (i % Tk <= i / Tk % Tq + Tk - Tq)) {
                return false;
            }
        }
        return true;
    }
}
