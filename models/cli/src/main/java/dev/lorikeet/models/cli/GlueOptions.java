package dev.lorikeet.models.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/// What only GLUE tasks have.
final class GlueOptions {
    @Option(names = "--recipe", paramLabel = "NAME",
            description = "Published hyperparameters, such as paper/roberta-base/mrpc; other options override them. "
                    + "`lorikeet recipes` lists all.")
    String recipe;

    @Option(names = "--init-adapter", paramLabel = "PATH",
            description = "Start from this adapter, as the paper starts MRPC, RTE and STS-B from MNLI. Its rank, alpha "
                    + "and targets are kept; a head for another number of classes starts anew.")
    Path initAdapter;

    @Option(names = "--seeds", split = ",", paramLabel = "N,N,…",
            description = "Train once for each seed, in DIR/seed-N, and report median and spread.")
    List<Long> seeds = List.of();

    @Option(names = "--head-only",
            description = "Train the head alone on the frozen model's features: the baseline that LoRA has to beat. "
                    + "Writes DIR/model, a whole model, instead of an adapter.")
    boolean headOnly;

    @Option(names = "--group-by-length",
            description = "Batches of sentences of about the same length, so that no step needs much more memory than "
                    + "the others.")
    boolean groupByLength;

    /// For the fingerprint of a run.
    @Override
    public String toString() {
        return "init=%s head-only=%b group-by-length=%b".formatted(initAdapter, headOnly, groupByLength);
    }
}
