package dev.lorikeet.bench.steps;

import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
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

/// One LoRA training step of a RoBERTa with a head of three classes: seconds per step.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class RobertaStepBenchmark {
    private static final int CLASSES = 3;

    @Param("roberta-base")
    private String model;

    @Param("16x128")
    private String shape;

    @Param("8")
    private int rank;

    @Param("cpu")
    private String device;

    private Backend backend;
    private ClassifierStep step;

    /// Builds the model; random weights.
    @Setup(Level.Trial)
    public void build() {
        backend = Backends.open(device);
        String[] parts = shape.split("x");
        int[] lengths = new int[Integer.parseInt(parts[0])];
        Arrays.fill(lengths, Integer.parseInt(parts[1]));
        step = new ClassifierStep(backend, RobertaConfig.published(model).withLabels(CLASSES), rank, lengths);
    }

    /// One step.
    ///
    /// @return its loss
    @Benchmark
    public double step() {
        return step.step().loss();
    }

    /// Frees everything.
    @TearDown(Level.Trial)
    public void close() {
        step.close();
        backend.close();
    }
}
