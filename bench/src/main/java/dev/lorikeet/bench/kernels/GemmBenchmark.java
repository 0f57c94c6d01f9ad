package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
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

/// One matrix product: milliseconds per call. With `pollute` the JIT has seen every other kind of product before.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class GemmBenchmark {
    @Param({"1024x768x2304 NN forward", "1024x768x3072 NN forward", "1024x3072x768 NT gradient",
            "64x768x3072 NN forward", "1024x768x8 NT", "1x768x50257 NT forward"})
    private String shape;

    @Param({"false", "true"})
    private boolean pollute;

    @Param("cpu")
    private String device;

    private Backend backend;
    private GemmProblem problem;
    private Contender ours;

    /// Operands, and a first product that is checked.
    @Setup(Level.Trial)
    public void open() {
        backend = Backends.open(device);
        if (pollute) {
            Pollution.of(backend, 30);
        }
        problem = new GemmProblem(backend, GemmShape.parse(shape));
        ours = problem.ours();
    }

    /// One product.
    ///
    /// @return its last element
    @Benchmark
    public double product() {
        return ours.run();
    }

    /// Gives the memory back.
    @TearDown(Level.Trial)
    public void close() {
        problem.close();
        backend.close();
    }
}
