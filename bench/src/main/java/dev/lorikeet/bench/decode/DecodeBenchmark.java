package dev.lorikeet.bench.decode;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import java.util.List;
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

/// Generating text with a GPT-2 with random weights, one sequence: a prompt of 64 tokens and 64 more, greedily.
///
/// [#prefill] is the first pass over the prompt; [#generate] is all of it, through [Generator]. At the end of a fork it
/// prints tokens per second of the 64 passes of one token each, the prompt's pass not counted.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 8)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class DecodeBenchmark {
    /// Tokens of the prompt, and of its continuation.
    static final int TOKENS = 64;

    private static final long SEED = 5;

    @Param("gpt2")
    String model;

    @Param("cpu")
    String device;

    @Param({"F32", "BF16", "INT8"})
    BaseDType base;

    private Backend backend;
    private Pool pool;
    private Gpt2 gpt2;
    private int[] prompt;
    private double best;

    /// Builds the model.
    @Setup(Level.Trial)
    public void build() {
        backend = Backends.open(device);
        pool = new Pool(backend);
        Gpt2Config config = Gpt2Config.published(model);
        WeightStore store = new WeightStore(backend, WeightSource.random(SEED), DType.F32, base);
        gpt2 = new Gpt2(config, Weights.of(store, WeightOverrides.none()), Projections.plain());
        prompt = new int[TOKENS];
        for (int t = 0; t < TOKENS; t++) {
            prompt[t] = Integer.remainderUnsigned(Philox.word(new RandomKey(SEED, 0), t), config.vocabSize());
        }
        best = Double.MAX_VALUE;
    }

    /// The pass over the prompt, to the logits of the token that follows.
    ///
    /// @return rows of logits
    @Benchmark
    public int prefill() {
        try (KeyValueCache cache = gpt2.cache(1, 2 * TOKENS); Tape tape = Tape.inference(pool)) {
            return gpt2.next(tape, prompt, Sequences.of(TOKENS), cache).value().rows();
        }
    }

    /// The pass over the prompt and 64 passes over one token each.
    ///
    /// @return the tokens
    @Benchmark
    public int[] generate() {
        long[] first = new long[1];
        int[] tokens = new Generator(gpt2, pool).generate(
                List.of(prompt), TOKENS + 1, Sampling.greedy(), _ -> false,
                (_, _) -> first[0] = first[0] == 0 ? System.nanoTime() : first[0]).getFirst();
        best = Math.min(best, (System.nanoTime() - first[0]) / 1e9);
        return tokens;
    }

    /// Prints the best rate.
    @TearDown(Level.Trial)
    public void report() {
        if (best < Double.MAX_VALUE) {
            System.out.printf("%nbest %.1f tokens/s, %.2f ms per token%n", TOKENS / best, 1e3 * best / TOKENS);
        }
        pool.close();
        backend.close();
    }
}
