package dev.lorikeet.bench.steps;

import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One LoRA training step of GPT-2: seconds per step. At the end of each fork it prints tokens per second, memory by
/// category, and the largest resident size of the process.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class Gpt2StepBenchmark {
    @Param("gpt2")
    private String model;

    @Param({"8x128", "2x512", "1x1024"})
    private String shape;

    @Param("4")
    private int rank;

    @Param("cpu")
    private String device;

    private Backend backend;
    private LoraStep step;
    private double seconds;
    private long steps;

    /// Builds the model; random weights.
    @Setup(Level.Trial)
    public void build() {
        backend = Backends.open(device);
        String[] parts = shape.split("x");
        int[] lengths = new int[Integer.parseInt(parts[0])];
        Arrays.fill(lengths, Integer.parseInt(parts[1]));
        step = new LoraStep(backend, Gpt2Config.published(model), rank, lengths);
    }

    /// One step.
    ///
    /// @return its loss
    @Benchmark
    public double step() {
        long start = System.nanoTime();
        double loss = step.step().loss();
        seconds = Math.min(steps == 0 ? Double.MAX_VALUE : seconds, (System.nanoTime() - start) / 1e9);
        steps++;
        return loss;
    }

    /// Prints what the steps needed.
    @TearDown(Level.Trial)
    public void report() throws IOException {
        System.out.printf("%nbest step %.3f s, %.0f tokens/s%n%s", seconds, step.tokens() / seconds, step.memory());
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM")).forEach(System.out::println);
        }
        System.out.println(step.saved());
        step.close();
        backend.close();
    }
}
