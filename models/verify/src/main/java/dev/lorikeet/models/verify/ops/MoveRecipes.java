package dev.lorikeet.models.verify.ops;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What only moves elements: permutations, slices, joins, look-ups.
final class MoveRecipes {
    private MoveRecipes() {}

    public static Map<String, OpsCase.OpRecipe> all() {
        Map<String, OpsCase.OpRecipe> recipes = new HashMap<>();
        recipes.put("permute", run -> run.out("y",
                run.algebra().permute(run.in("x"), Manifest.ints(run.attr("dims")))));
        recipes.put("reshape", MoveRecipes::reshape);
        recipes.put("expand", MoveRecipes::expand);
        recipes.put("split3", MoveRecipes::split);
        recipes.put("slice", MoveRecipes::slice);
        recipes.put("cat", run -> run.out("y", run.algebra().cat(inputs(run), run.attr("dim").asInt())));
        recipes.put("stack", MoveRecipes::stack);
        recipes.put("gather", MoveRecipes::gather);
        recipes.put("index_select", MoveRecipes::indexSelect);
        return recipes;
    }

    private static List<Variable> inputs(OpRun run) {
        List<Variable> inputs = new ArrayList<>();
        run.names("in.").forEach(name -> inputs.add(run.in(name)));
        return inputs;
    }

    private static void reshape(OpRun run) {
        Variable x = run.in("x");
        int[] extents = Manifest.ints(run.attr("shape"));
        long known = 1;
        for (int extent : extents) {
            known *= extent < 0 ? 1 : extent;
        }
        for (int i = 0; i < extents.length; i++) {
            extents[i] = extents[i] < 0 ? Math.toIntExact(x.shape().size() / known) : extents[i];
        }
        run.out("y", run.algebra().reshape(x, Shape.of(extents)));
    }

    private static void expand(OpRun run) {
        Variable x = run.in("x");
        int[] extents = Manifest.ints(run.attr("shape"));
        int missing = extents.length - x.shape().rank();
        for (int i = 0; i < extents.length; i++) {
            extents[i] = extents[i] < 0 ? x.shape().dim(i - missing) : extents[i];
        }
        run.out("y", run.algebra().expand(x, Shape.of(extents)));
    }

    /// Outputs get the parts in the order of the manifest.
    private static void split(OpRun run) {
        Variable x = run.in("x");
        int dim = ReductionRecipes.dim(run, x);
        List<String> names = run.names("out.");
        int[] sizes = Manifest.ints(run.attr("sizes"));
        for (int i = 0, from = 0; i < sizes.length; from += sizes[i++]) {
            run.out(names.get(i), run.algebra().slice(x, dim, from, sizes[i]));
        }
    }

    /// A slice as Python writes it: `x[:, 1:6:2, -3:]`.
    private static void slice(OpRun run) {
        Variable x = run.in("x");
        PythonSlice slice = PythonSlice.parse(run.attr("spec").asText(), x.shape());
        run.out("y", run.algebra().take(x, slice.shape(), slice::position));
    }

    private static void stack(OpRun run) {
        List<Variable> parts = new ArrayList<>();
        int dim = run.attr("dim").asInt();
        for (Variable part : inputs(run)) {
            List<Integer> extents = new ArrayList<>();
            for (int extent : part.shape().dims()) {
                extents.add(extent);
            }
            extents.add(dim < 0 ? dim + extents.size() + 1 : dim, 1);
            int[] dims = extents.stream().mapToInt(Integer::intValue).toArray();
            parts.add(run.algebra().reshape(part, Shape.of(dims)));
        }
        run.out("y", run.algebra().cat(parts, dim));
    }

    /// `y[i, j] = x[i, index[i, j]]` along `dim`.
    private static void gather(OpRun run) {
        Variable x = run.in("x");
        Golden index = run.stored("index");
        int[] chosen = index.ints();
        int dim = ReductionRecipes.dim(run, x);
        int[] strides = Algebra.strides(x.shape());
        int[] own = Algebra.strides(index.shape());
        run.out("y", run.algebra().take(x, index.shape(), at -> {
            int picked = chosen[Algebra.dot(at, own)];
            return Algebra.dot(at, strides) + (picked - at[dim]) * strides[dim];
        }));
    }

    private static void indexSelect(OpRun run) {
        Variable x = run.in("x");
        int[] chosen = run.stored("index").ints();
        int dim = ReductionRecipes.dim(run, x);
        int[] strides = Algebra.strides(x.shape());
        int[] extents = x.shape().dims();
        extents[dim] = chosen.length;
        run.out("y", run.algebra().take(x, Shape.of(extents), at ->
                Algebra.dot(at, strides) + (chosen[at[dim]] - at[dim]) * strides[dim]));
    }
}
