package dev.lorikeet.models.cli;

import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.QuantizationError;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/// `--base-dtype`.
final class BaseDTypeOption {
    @Option(
            names = "--base-dtype",
            paramLabel = "TYPE",
            defaultValue = "stored",
            description = "How the base's matrices are kept in memory: stored (as the checkpoint has them),"
                    + " f32, bf16, f16, or int8 (a byte, and a factor per output channel). Fewer bytes are read faster "
                    + "and cost precision: the loss is printed. Default: ${DEFAULT-VALUE}.")
    private BaseDType type = BaseDType.STORED;

    BaseDType type() {
        return type;
    }

    /// Prints what was lost, if anything was asked for; after a model has been built, which loads the weights.
    void report(PrintWriter to, BaseModel base) {
        if (type != BaseDType.STORED) {
            QuantizationError error = base.store().quantizationError();
            to.println(error);
            to.flush();
        }
    }
}
