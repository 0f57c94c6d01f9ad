package dev.lorikeet.models.cli;

import dev.lorikeet.models.task.Recipe;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet recipes`: the published hyperparameters.
@Command(
        name = "recipes",
        description = "List the published hyperparameters that `lorikeet train --recipe` knows.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  lorikeet recipes", "  lorikeet recipes roberta-base/mrpc"})
final class RecipesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "TEXT", description = "Only those whose name contains this.")
    private String text = "";

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        boolean any = false;
        for (Recipe recipe : Recipe.all().values()) {
            if (recipe.name().contains(text)) {
                any = true;
                out.printf("%-38s %s%s%n", recipe.name(),
                        recipe.settings().entrySet().stream()
                                .map(each -> "--" + each.getKey() + " " + each.getValue())
                                .collect(Collectors.joining(" ")),
                        recipe.fromMnli() ? " --init-adapter MNLI-ADAPTER" : "");
            }
        }
        if (!any) {
            throw new IllegalArgumentException("no recipe's name contains '" + text + "'");
        }
        return 0;
    }
}
