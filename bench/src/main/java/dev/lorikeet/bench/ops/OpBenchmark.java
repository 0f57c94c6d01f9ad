package dev.lorikeet.bench.ops;

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

/// One op on a tape, forward and backward, at the sizes of GPT-2 small: milliseconds.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class OpBenchmark {
    @Param
    private OpKind op;

    @Param({"8x128", "1x1024"})
    private String shape;

    @Param("8")
    private int rank;

    @Param("cpu")
    private String device;

    private Backend backend;
    private OpRun run;

    /// Operands.
    @Setup(Level.Trial)
    public void open() {
        backend = Backends.open(device);
        String[] parts = shape.split("x");
        run = new OpRun(backend, op, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), 768, rank);
    }

    /// Forward and backward.
    ///
    /// @return the size of the input's gradient
    @Benchmark
    public double both() {
        return run.run();
    }

    /// Gives the memory back.
    @TearDown(Level.Trial)
    public void close() {
        run.close();
        backend.close();
    }
}
