package dev.lorikeet.models.verify.ops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Pool;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Kind `ops`: single operations, forward and backward. Every sub-case `<op>.<n>` is computed on a tape from engine ops
/// and compared with `out.*` and `grad.*`.
public final class OpsCase implements CaseKind {
    /// Computes one sub-case: reads inputs of `run`, hands over outputs.
    @FunctionalInterface
    public interface OpRecipe {
        void compute(OpRun run);
    }

    private final Map<String, OpRecipe> recipes = new HashMap<>();

    public OpsCase() {
        recipes.putAll(ProductRecipes.all());
        recipes.putAll(ElementRecipes.all());
        recipes.putAll(ReductionRecipes.all());
        recipes.putAll(MoveRecipes.all());
        recipes.putAll(AttentionRecipes.all());
        recipes.putAll(LossRecipes.all());
    }

    @Override
    public void replay(GoldenCase golden, Pool pool) {
        for (JsonNode node : golden.manifest().require("cases")) {
            String tag = node.path("tag").asText();
            String op = node.path("op").asText();
            OpRecipe recipe = recipes.get(op);
            if (recipe == null) {
                golden.notChecked(tag, "there is no operation '%s'; known: %s".formatted(op, known()));
                continue;
            }
            try (OpRun run = new OpRun(golden, pool, tag, node.path("attrs"))) {
                recipe.compute(run);
                run.checkGradients();
            } catch (NotReplayed missing) {
                golden.notChecked(tag, missing.getMessage());
            }
        }
    }

    private Set<String> known() {
        return new TreeSet<>(recipes.keySet());
    }
}
