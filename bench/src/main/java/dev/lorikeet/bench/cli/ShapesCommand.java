package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.gpu.E2eLengths;
import dev.lorikeet.bench.steps.GlueLengths;
import dev.lorikeet.bench.steps.ShapeCount;
import dev.lorikeet.bench.steps.TextLengths;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.text.Tokenizers;
import dev.lorikeet.models.train.ExampleWindows;
import dev.lorikeet.models.train.TrainingData;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `shapes`: how many shapes the batches of an epoch have, and what it costs to have few.
@Command(
        name = "shapes",
        description = {
            "Counts the shapes of an epoch's batches, as they are and filled up as for a device that launches CUDA",
            "graphs: the share of steps whose shape came before, and the rows that fill batches up."
        },
        mixinStandardHelpOptions = true)
final class ShapesCommand implements Callable<Integer> {
    private static final int VOCABULARY = 50257;
    private static final int LONGEST = 512;
    private static final long SEED = 1;

    @Spec
    private CommandSpec spec;

    @Option(names = "--e2e", paramLabel = "FILE",
            description = "E2E's training data, for a whole epoch. Without it only 64 batches are known.")
    private Path e2e;

    @Option(names = "--tokenizer", paramLabel = "FOLDER", description = "GPT-2's tokenizer, for --e2e.")
    private Path tokenizer;

    @Override
    public Integer call() {
        if ((e2e == null) != (tokenizer == null)) {
            throw new ParameterException(spec.commandLine(), "--e2e and --tokenizer go together");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("| batches | steps | shapes | filled up | repeated | + rows | + labels |");
        out.println("|---|---:|---:|---:|---:|---:|---:|");
        row(out, "E2E, 8 texts, the suite's", E2eLengths.batches(VOCABULARY));
        if (e2e != null) {
            Examples examples =
                    LanguageTask.E2E.examples(e2e, false, Tokenizers.open(tokenizer), LONGEST).examples();
            for (int texts : new int[] {4, 8, 16}) {
                row(out, "E2E, %d texts".formatted(texts),
                        epoch(ExampleWindows.of(examples, texts, 1, SEED), Math.ceilDiv(examples.size(), texts)));
            }
        }
        for (GlueLengths glue : GlueLengths.all()) {
            TextLengths lengths = TextLengths.published(glue.task()).cutTo(GlueLengths.LONGEST);
            for (int texts : new int[] {GlueLengths.TEXTS, 2 * GlueLengths.TEXTS}) {
                row(out, "%s, %d texts".formatted(glue.task().toUpperCase(Locale.ROOT), texts),
                        epoch(GlueLengths.batches(glue.config(), lengths, texts),
                                Math.ceilDiv(lengths.size(), texts)));
            }
        }
        return 0;
    }

    private static <B extends Batch<B>> List<B> epoch(TrainingData<B> data, int steps) {
        return LongStream.range(0, steps).mapToObj(step -> data.window(step).getFirst()).toList();
    }

    private static void row(PrintWriter out, String name, List<? extends Batch<?>> batches) {
        ShapeCount plain = ShapeCount.asTheyAre(batches);
        ShapeCount filled = ShapeCount.filledUp(batches);
        out.printf(Locale.ROOT, "| %s | %,d | %,d | %,d | %.1f %% | %.1f %% | %.1f %% |%n", name, plain.steps(),
                plain.shapes(), filled.shapes(), 100 * filled.repeated(), 100 * filled.fillingRows(),
                100 * filled.fillingLabels());
        out.flush();
    }
}
