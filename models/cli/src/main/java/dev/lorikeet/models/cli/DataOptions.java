package dev.lorikeet.models.cli;

import java.nio.file.Path;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/// What to train on and where the run goes.
final class DataOptions {
    @Option(names = "--data", paramLabel = "PATH",
            description = "Training data, plain or .gz; for a GLUE task a directory with train.tsv and dev.tsv, or "
                    + "glue_data itself.")
    Path data;

    @Option(names = "--valid", paramLabel = "PATH",
            description = "Held-out data; without it nothing is evaluated, or what --data has beside train.tsv.")
    Path valid;

    @Option(names = "--eval-examples", defaultValue = "400", paramLabel = "N",
            description = "Held-out examples to evaluate a language task on, 0 for all. Default: ${DEFAULT-VALUE}.")
    int evalExamples;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory of the run.")
    Path out;

    @Option(names = "--max-length", paramLabel = "N",
            description = "Longest sequence; longer examples are cut. Default: what the model takes.")
    Integer maxLength;

    @Option(names = "--model-dropout", paramLabel = "P",
            description = "Dropout inside the frozen model. Default: what its config.json says.")
    private Double modelDropout;

    @Option(names = "--resume", description = "Continue from the checkpoint in --out, if there is one.")
    boolean resume;

    /// Dropout inside the model, empty for what its configuration says.
    OptionalDouble modelDropout() {
        return modelDropout == null ? OptionalDouble.empty() : OptionalDouble.of(modelDropout);
    }
}
