package dev.lorikeet.models.cli;

import dev.lorikeet.lora.Combination;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.hub.ModelPath;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet combine`: one adapter of several.
@Command(
        name = "combine",
        description = "Combine adapters of one base into one, weighted. No base model is needed.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Methods:",
            "  cat     the sum of the updates, exactly; ranks add up",
            "  svd     the best approximation of that sum of a chosen rank; exact if the rank suffices",
            "  linear  sums of the A's and of the B's, each with the root of its weight: keeps the rank, but has",
            "          products of one adapter's B with another's A as well",
            "",
            "Examples:",
            "  lorikeet combine --method cat --weights 0.7,0.3 formal-run/adapter short-run/adapter --out both",
            "  lorikeet combine --method svd --rank 8 --weights 1,-0.5 a b --out less-of-b"
        })
final class CombineCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--method", paramLabel = "NAME", defaultValue = "cat",
            description = "linear, cat or svd. Default: ${DEFAULT-VALUE}.")
    private Combination.Method method;

    @Option(names = "--weights", split = ",", paramLabel = "W",
            description = "One weight for each adapter, in their order. Default: 1 for each.")
    private List<Double> weights;

    @Option(names = "--rank", paramLabel = "R",
            description = "Rank of svd. Default: the largest rank that the adapters have in a module.")
    private int rank;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Adapter directory to write (PEFT).")
    private Path out;

    @Parameters(arity = "1..*", paramLabel = "ADAPTER",
            description = "Adapter directories, or names of adapters that lorikeet pull has fetched.")
    private List<Path> adapters;

    @Override
    public Integer call() {
        List<StoredAdapter> opened = adapters.stream()
                .map(path -> AdapterFiles.open(ModelPath.resolve(path))).toList();
        List<Double> factors = weights == null ? Collections.nCopies(opened.size(), 1.0) : weights;
        StoredAdapter combined = Combination.of(
                opened, factors.stream().mapToDouble(Double::doubleValue).toArray(), method, rank);
        PeftFormat.write(out, combined);
        spec.commandLine().getOut().printf(Locale.ROOT, "%s: %d updates, %,d numbers%n",
                out, combined.deltas().size(), combined.parameterCount());
        return 0;
    }
}
