package dev.lorikeet.models.verify.ops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.CrossEntropy;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// Losses, and the look-up in an embedding table.
final class LossRecipes {
    private static final int IGNORED = -100;

    private LossRecipes() {}

    public static Map<String, OpsCase.OpRecipe> all() {
        Map<String, OpsCase.OpRecipe> recipes = new HashMap<>();
        recipes.put("cross_entropy", LossRecipes::crossEntropy);
        recipes.put("shifted_lm_loss", LossRecipes::shifted);
        recipes.put("masked_lm_loss", LossRecipes::masked);
        recipes.put("mse", run -> {
            Activation difference = run.algebra().add(run.in("x"), -1, run.in("y"));
            reduce(run, run.algebra().multiply(difference, difference), difference.shape().size());
        });
        recipes.put("bce_with_logits", run -> {
            // −y·ln σ(x) − (1 − y)·ln(1 − σ(x)) = softplus(x) − x·y
            Variable x = run.in("x");
            Activation product = run.algebra().multiply(x, run.in("y"));
            reduce(run, run.algebra().add(run.algebra().map(x, UnaryFunction.SOFTPLUS), -1, product), x.shape().size());
        });
        recipes.put("embedding", LossRecipes::embedding);
        return recipes;
    }

    /// Reduces as the attribute says; a mean divides by `count`, and the mean of nothing is not a number.
    private static void reduce(OpRun run, Activation losses, long count) {
        String reduction = run.attr("reduction").asText("mean");
        run.out("y", switch (reduction) {
            case "none" -> losses;
            case "sum" -> total(run, losses, 1);
            case "mean" -> total(run, losses, 1.0 / count);
            default -> throw new NotReplayed("there is no reduction '%s'".formatted(reduction));
        });
    }

    private static Activation total(OpRun run, Activation losses, double factor) {
        return run.algebra().reshape(Sum.apply(run.tape(), losses, factor), Shape.of());
    }

    private static void crossEntropy(OpRun run) {
        int[] targets = run.stored("target").ints();
        int ignored = run.attr("ignore_index").asInt(IGNORED);
        int[] labels = Arrays.stream(targets).map(target -> target == ignored ? IGNORED : target).toArray();
        reduce(run, losses(run, run.in("x"), labels), Arrays.stream(labels).filter(label -> label >= 0).count());
    }

    private static Activation losses(OpRun run, Variable logits, int[] labels) {
        int classes = logits.shape().cols();
        for (int label : labels) {
            if (label >= classes) {
                throw new NotReplayed("label %d is outside of %d classes".formatted(label, classes));
            }
        }
        double smoothing = run.attr("label_smoothing").asDouble(0);
        return CrossEntropy.apply(run.tape(), logits, run.tape().ints(labels), smoothing);
    }

    /// `logits[:, :−1]` against `labels[:, 1:]`, mean over the counted tokens.
    private static void shifted(OpRun run) {
        Variable x = run.in("x");                                                    // (B, T, V)
        int[] all = run.stored("labels").ints();
        int T = x.shape().dim(1);
        int[] rows = IntStream.range(0, all.length).filter(i -> i % T < T - 1).toArray();
        int[] labels = Arrays.stream(rows).map(i -> all[i + 1]).toArray();
        Activation before = SelectRows.apply(
                run.tape(), run.algebra().reshape(x, Shape.of(all.length, x.shape().cols())),
                run.tape().ints(rows));
        long count = Arrays.stream(labels).filter(label -> label >= 0).count();
        run.out("y", total(run, losses(run, before, labels), 1.0 / count));
    }

    /// `Σ nll∘mask / (Σ mask + 1e-4)`: loralib's GPT-2 example, labels shifted already.
    private static void masked(OpRun run) {
        Variable x = run.in("x");
        Golden mask = run.stored("mask");
        int[] labels = run.stored("labels").ints();
        Activation losses = losses(
                run, run.algebra().reshape(x, Shape.of(labels.length, x.shape().cols())), labels);
        Activation counted = run.algebra().multiply(
                losses, run.algebra().constant(Shape.of(labels.length), mask.values()));
        run.out("y", total(run, counted, 1 / (Arrays.stream(mask.values()).sum() + 1e-4)));
    }

    /// The row of the padding index is looked up like any other, but in a copy that no gradient reaches.
    private static void embedding(OpRun run) {
        Variable weight = run.in("weight");
        Golden ids = run.stored("ids");
        JsonNode padding = run.attr("padding_idx");
        int pad = padding.isInt() ? padding.intValue() : -1;
        Activation rows;
        if (pad < 0 || !(weight instanceof Trainable)) {
            rows = EmbeddingSum.apply(run.tape(), weight, run.tape().ints(ids.ints()));
        } else {
            Tensor own = run.tape().ints(Arrays.stream(ids.ints()).map(id -> id == pad ? -1 : id).toArray());
            Tensor padded = run.tape().ints(Arrays.stream(ids.ints()).map(id -> id == pad ? pad : -1).toArray());
            rows = EmbeddingSum.apply(
                    run.tape(), new Variable[] {weight, run.tape().constant(weight.value())},
                    new Tensor[] {own, padded});
        }
        run.out("y", run.algebra().reshape(rows, Algebra.append(ids.shape(), weight.shape().cols())));
    }
}
