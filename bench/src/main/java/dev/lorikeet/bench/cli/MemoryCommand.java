package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.memory.MemoryContender;
import dev.lorikeet.bench.memory.NativeHeap;
import dev.lorikeet.bench.memory.ResidentMemory;
import dev.lorikeet.bench.memory.StepLedger;
import dev.lorikeet.bench.process.AnswerLines;
import dev.lorikeet.bench.process.IsolatedJvm;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.base.ModelFamilies;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `memory`: the peak resident memory of the LoRA step, everyone alone in a process.
@Command(
        name = "memory",
        description = {
            "Peak resident memory of a LoRA training step in F32, each contender alone in a process: of a GPT-2 with",
            "r = 4 on q and v, or of a RoBERTa with r = 8 on query and value and a head of three classes.",
            "Ours is predicted too: the step's ledger, plus the peak of a process that trains a tiny model (the JVM)."
        },
        mixinStandardHelpOptions = true)
final class MemoryCommand implements Callable<Integer> {
    private static final int CLASSES = 3;
    private static final AnswerLines PEAK = new AnswerLines("peak bytes ");
    /// Small enough to weigh nothing beside the JVM, with every kind of layer.
    private static final String TINY = "tiny";

    @Spec
    private CommandSpec spec;

    @Option(names = "--only", paramLabel = "NAME", description = "Measures this contender here, in this process.")
    private String only;

    @Option(names = "--model", defaultValue = "gpt2",
            description = "A published GPT-2 or RoBERTa, or tiny (${DEFAULT-VALUE}).")
    private String model;

    @Option(names = "--shape", defaultValue = "8x128", description = "Sequences x tokens (${DEFAULT-VALUE}).")
    private String shape;

    @Option(names = "--steps", defaultValue = "4", description = "Steps to make (${DEFAULT-VALUE}).")
    private int steps;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (only != null) {
            contender(only).steps(config(model), lengths(), steps);
            out.println(PEAK.line("" + ResidentMemory.peakBytes(Path.of("/proc/self/status"))));
            return 0;
        }
        List<MemoryContender> contenders = MemoryContender.all();
        long ours = peak(contenders.getFirst().name(), model, NativeHeap.TRIMMED);
        out.printf("| step of %s, %s | peak resident MB | × ours |%n|---|---:|---:|%n", model, shape);
        row(out, contenders.getFirst().name(), ours, 1);
        for (MemoryContender peer : contenders.subList(1, contenders.size())) {
            long peak = peak(peer.name(), model, NativeHeap.DEFAULT);
            row(out, peer.name(), peak, (double) peak / ours);
            long trimmed = peak(peer.name(), model, NativeHeap.TRIMMED);
            row(out, peer.name() + ", its heap trimmed as ours", trimmed, (double) trimmed / ours);
        }
        long ledger = StepLedger.bytes(config(model), lengths());
        long jvm = peak(contenders.getFirst().name(), TINY, NativeHeap.TRIMMED);
        row(out, "lorikeet, predicted", ledger + jvm, (double) (ledger + jvm) / ours);
        out.printf("%nPredicted: ledger %.0f MB + JVM %.0f MB.%n", ledger / 1e6, jvm / 1e6);
        return 0;
    }

    private long peak(String name, String which, NativeHeap heap) {
        List<String> options = new ArrayList<>(List.of("-Xms16m"));
        options.addAll(heap.options());
        options.addAll(IsolatedJvm.systemProperties());
        List<String> command = IsolatedJvm.command(options, Main.class.getName(), List.of(
                "memory", "--only", name, "--model", which, "--shape", shape, "--steps", "" + steps));
        return Long.parseLong(IsolatedJvm.answer(command, heap.environment(), PEAK));
    }

    private static void row(PrintWriter out, String name, long bytes, double ratio) {
        out.printf(Locale.ROOT, "| %s | %.0f | %.3f |%n", name, bytes / 1e6, ratio);
        out.flush();
    }

    private MemoryContender contender(String name) {
        return MemoryContender.all().stream().filter(each -> each.name().equals(name)).findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "no contender is called '%s'; there are %s".formatted(
                                name, MemoryContender.all().stream().map(MemoryContender::name).toList())));
    }

    private static ModelConfig config(String name) {
        if (name.equals(TINY)) {
            return LoraStep.TINY;
        }
        ModelConfig config = ModelFamilies.published(name);
        return config.languageModel().isPresent() ? config
                : config.classification(Collections.nCopies(CLASSES, "")).orElseThrow().config();
    }

    private int[] lengths() {
        if (!shape.matches("[1-9]\\d{0,3}x[1-9]\\d{0,3}")) {
            throw new ParameterException(
                    spec.commandLine(), "--shape is sequences x tokens, such as 8x128, not '%s'".formatted(shape));
        }
        String[] parts = shape.split("x");
        int[] lengths = new int[Integer.parseInt(parts[0])];
        Arrays.fill(lengths, Integer.parseInt(parts[1]));
        return lengths;
    }
}
