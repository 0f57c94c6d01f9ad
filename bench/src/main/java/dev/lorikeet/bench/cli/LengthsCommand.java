package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.steps.TextLengths;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.data.GlueFile;
import dev.lorikeet.models.data.SentenceLayout;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.task.Task;
import dev.lorikeet.models.text.Tokenizers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lengths`: how many texts of a GLUE file have how many tokens, as `glue-lengths` wants to know it.
@Command(
        name = "lengths",
        description = "Prints how many texts of a GLUE file have how many tokens, special ones included: what suite "
                + "glue-lengths keeps of data that may not be handed on.",
        mixinStandardHelpOptions = true)
final class LengthsCommand implements Callable<Integer> {
    /// Longer than any text: nothing is cut.
    private static final int UNCUT = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--task", required = true, paramLabel = "NAME", description = "A GLUE task, such as sst-2.")
    private String task;

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "Its examples.")
    private Path data;

    @Option(names = "--tokenizer", required = true, paramLabel = "FOLDER", description = "RoBERTa's tokenizer.")
    private Path tokenizer;

    @Override
    public Integer call() {
        if (!(Task.named(task).orElse(null) instanceof GlueTask glue)) {
            throw new ParameterException(spec.commandLine(), "'%s' is no task of GLUE".formatted(task));
        }
        GlueFile file = glue.train(data);
        EncodedSentences texts =
                EncodedSentences.of(file.rows(), new SentenceLayout(Tokenizers.open(tokenizer), UNCUT));
        TextLengths lengths = TextLengths.of(IntStream.range(0, texts.size()).map(texts::rows).toArray());
        PrintWriter out = spec.commandLine().getOut();
        out.printf("# bench/run lengths --task %s --data %s --tokenizer %s%n", task, data, tokenizer);
        out.printf("# %s%n%s", lengths, lengths.table());
        out.flush();
        return 0;
    }
}
