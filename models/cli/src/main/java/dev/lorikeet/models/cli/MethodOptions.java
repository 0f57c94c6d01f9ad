package dev.lorikeet.models.cli;

import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.method.ContinuedLora;
import dev.lorikeet.models.method.HeadOnly;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.models.method.Method;
import dev.lorikeet.models.train.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// What is trained, from what on, and how often.
final class MethodOptions {
    @Option(names = "--recipe", paramLabel = "NAME",
            description = "Published hyperparameters, such as paper/roberta-base/mrpc; other options override them. "
                    + "`lorikeet recipes` lists all.")
    String recipe;

    @Option(names = "--init-adapter", paramLabel = "PATH",
            description = "Start from this adapter, as the paper starts MRPC, RTE and STS-B from MNLI. Its rank, alpha "
                    + "and targets are kept; a head for another number of classes starts anew.")
    private Path initAdapter;

    @Option(names = "--seeds", split = ",", paramLabel = "N,N,…",
            description = "Train once for each seed, in DIR/seed-N, and report median and spread.")
    private List<Long> seeds = List.of();

    @Option(names = "--head-only",
            description = "Train the head alone on the frozen model's features: the baseline that LoRA has to beat. "
                    + "Writes DIR/model, a whole model, instead of an adapter.")
    private boolean headOnly;

    @Option(names = "--group-by-length",
            description = "Batches of sentences of about the same length, so that no step needs much more memory than "
                    + "the others.")
    boolean groupByLength;

    /// The method with its choices.
    ///
    /// @param lora  the adapter, if there is one
    /// @param model what is adapted
    Method method(LoraOptions lora, ModelConfig model) {
        if (headOnly) {
            return new HeadOnly();
        }
        return initAdapter != null ? new ContinuedLora(initAdapter, lora.plusRatio())
                : new Lora(lora.config(model, List.of()), lora.plusRatio());
    }

    /// Whether training begins with neither an adapter nor an old head.
    boolean beginsAnew() {
        return initAdapter == null && !headOnly;
    }

    /// @param seed where only one run is asked for
    Seeds seeds(long seed) {
        return seeds.isEmpty() ? Seeds.one(seed) : Seeds.each(seeds);
    }

    /// Who asks for rank 64 and `--head-only` would take the baseline for what rank 64 reaches.
    void check(CommandSpec spec) {
        if (initAdapter != null && !Files.exists(initAdapter)) {
            throw new IllegalArgumentException("--init-adapter: there is no " + initAdapter);
        }
        if (!headOnly) {
            return;
        }
        if (initAdapter != null) {
            throw new ParameterException(
                    spec.commandLine(), "--head-only trains no adapter, so it cannot start from one");
        }
        spec.mixins().get("lora").options().stream()
                .map(OptionSpec::longestName)
                .filter(spec.commandLine().getParseResult()::hasMatchedOption)
                .findFirst()
                .ifPresent(name -> {
                    throw new ParameterException(spec.commandLine(),
                            "--head-only trains no adapter: leave out %s, which describes one".formatted(name));
                });
    }
}
