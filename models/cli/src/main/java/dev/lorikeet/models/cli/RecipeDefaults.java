package dev.lorikeet.models.cli;

import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.task.Recipe;
import dev.lorikeet.models.task.Task;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Gives options that the command line does not name the values of a recipe, or those usual for GLUE.
final class RecipeDefaults {
    /// What a GLUE task has without a recipe: the paper's settings for RoBERTa base where all of its tasks agree.
    private static final Map<String, String> GLUE = Map.of(
            "--batch", "16", "--epochs", "10", "--lr", "4e-4", "--rank", "8", "--alpha", "16",
            "--warmup-ratio", "0.06", "--weight-decay", "0.1");

    /// Options of which naming one makes the other's default meaningless.
    private static final Map<String, String> REPLACES = Map.of("--epochs", "--steps", "--warmup-ratio", "--warmup");

    private RecipeDefaults() {}

    /// @throws ParameterException if there is no such recipe
    static Recipe find(CommandSpec spec, String name) {
        Recipe recipe = Recipe.all().get(name);
        if (recipe == null) {
            throw new ParameterException(spec.commandLine(),
                    "--recipe: there is no '%s'; `lorikeet recipes` lists them".formatted(name));
        }
        return recipe;
    }

    /// Sets the options of a recipe, or the usual ones of the task.
    ///
    /// @param recipe or null
    static void apply(CommandSpec spec, Task task, Recipe recipe) {
        Map<String, String> values = new LinkedHashMap<>();
        if (task instanceof GlueTask) {
            values.putAll(GLUE);
        }
        if (recipe != null) {
            recipe.settings().forEach((name, value) -> values.put("--" + name, value));
        }
        ParseResult given = spec.commandLine().getParseResult();
        values.keySet().removeAll(Set.of("--task"));
        values.forEach((name, value) -> {
            String other = REPLACES.get(name);
            if (!given.hasMatchedOption(name) && (other == null || !given.hasMatchedOption(other))) {
                set(spec.findOption(name), value);
            }
        });
    }

    private static void set(OptionSpec option, String value) {
        Class<?> type = option.type();
        if (type == int.class || type == Integer.class) {
            option.setValue(Integer.valueOf(value));
        } else if (type == double.class || type == Double.class) {
            option.setValue(Double.valueOf(value));
        } else if (type == String.class) {
            option.setValue(value);
        } else {
            throw new IllegalStateException("option " + option.longestName() + " of a recipe is a " + type);
        }
    }
}
