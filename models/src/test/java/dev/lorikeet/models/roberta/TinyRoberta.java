package dev.lorikeet.models.roberta;

import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.stream.IntStream;

/// A RoBERTa of two blocks with dropout everywhere.
final class TinyRoberta {
    static final int PADDING = 1;
    static final int INTERMEDIATE = 10;

    private TinyRoberta() {}

    /// @param labels number of classes, 1 for regression
    static RobertaConfig config(int labels) {
        List<String> names = IntStream.range(0, labels).mapToObj(i -> "L" + i).toList();
        return new RobertaConfig(
                13, 16, 6, 2, 2, INTERMEDIATE, UnaryFunction.GELU_ERF, 1e-5, 0.4, 0.1, 0.2, 0.15, 1, PADDING, true,
                RobertaConfig.Head.CLASSIFICATION, names);
    }
}
