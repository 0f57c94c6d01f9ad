package dev.lorikeet.bench.kernels;

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

/// One kernel of [KernelSuite], by its name there: microseconds per call.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class KernelBenchmark {
    @Param({"gelu 1024x3072", "gelu backward 1024x3072", "softmax 12288x1024", "layer norm 1024x768",
            "layer norm backward 1024x768", "dropout 1024x768", "adamw 192x768", "attention 8x128",
            "attention both 8x128", "attention both 1x1024"})
    private String kernel;

    @Param("cpu")
    private String device;

    private Backend backend;
    private Kernel operands;

    /// Operands.
    @Setup(Level.Trial)
    public void open() {
        backend = Backends.open(device);
        operands = KernelSuite.named(kernel).create().apply(backend);
    }

    /// One call.
    ///
    /// @return [Kernel#probe] of the result
    @Benchmark
    public double call() {
        operands.run(backend.kernels());
        return Kernel.probe(operands.result());
    }

    /// Gives the memory back.
    @TearDown(Level.Trial)
    public void close() {
        backend.close();
    }
}
