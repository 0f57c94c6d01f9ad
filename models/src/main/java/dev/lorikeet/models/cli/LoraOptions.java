package dev.lorikeet.models.cli;

import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import java.util.List;
import picocli.CommandLine.Option;

/// What kind of adapter to train.
final class LoraOptions {
    @Option(names = "--rank", defaultValue = "4", description = "Rank r of the update. Default: ${DEFAULT-VALUE}.")
    private int rank;

    @Option(names = "--alpha", defaultValue = "32",
            description = "The update is scaled by alpha/r. Default: ${DEFAULT-VALUE}.")
    private double alpha;

    @Option(names = "--rslora", description = "Scale by alpha/sqrt(r) instead (rsLoRA).")
    private boolean rsLora;

    @Option(names = "--lora-dropout", defaultValue = "0", paramLabel = "P",
            description = "Dropout of the adapter's input. Default: ${DEFAULT-VALUE}.")
    private double dropout;

    @Option(names = "--targets", defaultValue = "c_attn[q,v]", paramLabel = "LIST",
            description = "Which projections: names with optional column slices (c_attn[q,v]), all-linear, or "
                    + "regex:PATTERN. "
                    + "Default: ${DEFAULT-VALUE}, the paper's choice for GPT-2.")
    private String targets;

    @Option(names = "--exclude", paramLabel = "LIST",
            description = "Projections that get no update although --targets names them, written like --targets.")
    private String exclude;

    @Option(names = "--dora", description = "Train a magnitude for every output channel beside the direction (DoRA); "
            + "needs targets without column slices.")
    private boolean dora;

    @Option(names = "--modules-to-save", split = ",", paramLabel = "NAME",
            description = "Modules to train as a whole and store in the adapter, such as ln_f.")
    private List<String> modulesToSave = List.of();

    LoraConfig config() {
        return LoraConfig.builder()
                .rank(rank)
                .alpha(alpha)
                .rsLora(rsLora)
                .dropout(dropout)
                .targets(Targets.parse(targets))
                .exclude(exclude == null ? Targets.none() : Targets.parse(exclude))
                .dora(dora)
                .modulesToSave(modulesToSave)
                .build();
    }

    /// For the fingerprint of a run.
    @Override
    public String toString() {
        String plain = "rank=%d alpha=%s rslora=%b dropout=%s targets=%s save=%s"
                .formatted(rank, alpha, rsLora, dropout, targets, modulesToSave);
        return plain + (exclude == null ? "" : " exclude=" + exclude) + (dora ? " dora" : "");
    }
}
