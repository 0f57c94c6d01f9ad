package dev.lorikeet.models.verify.ops;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// Functions of single elements and arithmetic with broadcasting.
final class ElementRecipes {
    private ElementRecipes() {}

    public static Map<String, OpsCase.OpRecipe> all() {
        Map<String, OpsCase.OpRecipe> recipes = new HashMap<>();
        for (UnaryFunction function : UnaryFunction.values()) {
            String name = function == UnaryFunction.LEAKY_RELU
                    ? "leaky_relu_0.01"
                    : function.name().toLowerCase(Locale.ROOT);
            recipes.put(name, run -> run.out("y", run.algebra().map(run.in("x"), function)));
        }
        recipes.put("add", run -> run.out("y", run.algebra().add(run.in("a"), run.in("b"))));
        recipes.put("sub", run -> run.out("y", run.algebra().add(run.in("a"), -1, run.in("b"))));
        recipes.put("mul", run -> run.out("y", run.algebra().multiply(run.in("a"), run.in("b"))));
        recipes.put("div", run -> run.out("y", run.algebra().divide(run.in("a"), run.in("b"))));
        recipes.put("dropout", ElementRecipes::dropout);
        recipes.put("reuse", run -> {
            Variable x = run.in("x");
            run.out("y", run.algebra().add(run.algebra().multiply(x, x), 2, x));
        });
        recipes.put("masked_fill", ElementRecipes::maskedFill);
        recipes.put("where", ElementRecipes::where);
        return recipes;
    }

    /// `y = x∘mask/(1 − p)` with a given mask.
    private static void dropout(OpRun run) {
        Variable x = run.in("x");
        Golden mask = run.stored("mask");
        Activation kept = run.algebra().multiply(x, run.algebra().constant(mask.shape(), mask.values()));
        run.out("y", run.algebra().scale(kept, 1 / (1 - run.attr("p").doubleValue())));
    }

    private static void maskedFill(OpRun run) {
        Golden mask = run.stored("mask");
        run.out("y", run.algebra().maskedFill(run.in("x"), mask, run.attr("value").doubleValue()));
    }

    private static void where(OpRun run) {
        Algebra algebra = run.algebra();
        Golden mask = run.stored("mask");
        Variable a = run.in("a");
        Variable b = run.in("b");
        run.out("y", algebra.add(algebra.keep(a, mask, true), algebra.keep(b, mask, false)));
    }
}
