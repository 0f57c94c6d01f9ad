package dev.lorikeet.models.cli;

import dev.lorikeet.models.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /// Dropout inside the model, or null for what its configuration says.
    ///
    /// @throws IllegalArgumentException if it is no probability
    Double modelDropout() {
        if (modelDropout != null && !(modelDropout >= 0 && modelDropout < 1)) {
            throw new IllegalArgumentException("--model-dropout must be in [0, 1), was " + modelDropout);
        }
        return modelDropout;
    }

    /// @throws IllegalArgumentException if the directory is none, or holds a run that is not to be resumed
    void requireFree(Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IllegalArgumentException("--out: %s is a file; give a directory".formatted(directory));
        }
        if (!resume && Files.exists(directory.resolve(TrainingRun.STATE_FILE))) {
            throw new IllegalArgumentException(
                    directory + " holds a run already; continue it with --resume or give another --out");
        }
    }

    /// For the fingerprint of a run.
    @Override
    public String toString() {
        return "data=%s valid=%s eval-examples=%d model-dropout=%s".formatted(
                name(data), name(valid), evalExamples, modelDropout);
    }

    private static String name(Path file) {
        return file == null ? null : file.toAbsolutePath().normalize().getFileName().toString();
    }
}
