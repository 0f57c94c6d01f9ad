package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Suite;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `list`: the suites and their comparisons.
@Command(name = "list", description = "Lists the suites and what they compare.", mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--suites", description = "Names of suites only.")
    private boolean suites;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        for (Suite suite : Suite.all()) {
            if (suites) {
                out.println(suite.name());
                continue;
            }
            out.printf("%s: %s%n", suite.name(), suite.about());
            for (Comparison comparison : suite.comparisons()) {
                out.printf("  %s/%s%n", suite.name(), comparison.name());
            }
        }
        return 0;
    }
}
