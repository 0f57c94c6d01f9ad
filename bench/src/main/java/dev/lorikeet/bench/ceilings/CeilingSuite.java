package dev.lorikeet.bench.ceilings;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The machine's ceilings with one thread and with all: `fma`, `triad` (two streams read, one written) and `read`.
/// Traits: `ceiling` and `threads`.
public final class CeilingSuite implements Suite {
    /// The name of this suite.
    public static final String NAME = "ceilings";

    private static final int ITERATIONS = 20_000;
    private static final int CALLS = 300;      // of a short loop, so that the compiled method runs
    private static final long STREAM_BYTES = 128L << 20;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "what this machine can do at most: multiply-adds from registers, bytes from memory";
    }

    @Override
    public List<Comparison> comparisons() {
        int processors = Runtime.getRuntime().availableProcessors();
        List<Comparison> all = new ArrayList<>();
        for (int threads : processors == 1 ? new int[] {1} : new int[] {1, processors}) {
            all.add(fma(threads));
            all.add(stream("triad", threads, 3, memory -> (from, to) ->
                    StreamKernel.triad(memory.get(0), memory.get(1), memory.get(2), from, to)));
            all.add(stream("read", threads, 1, memory -> (from, to) -> StreamKernel.read(memory.get(0), from, to)));
        }
        return all;
    }

    /// Multiply-adds of registers with so many threads.
    public static Comparison fma(int threads) {
        Work work = Work.of(threads * CALLS * FmaKernel.flops(ITERATIONS), 0);
        return new Comparison(name("fma", threads), work, 0, traits("fma", threads), () -> {
            ThreadTeam team = new ThreadTeam(threads);
            return new Contest(
                    List.of(Contender.of("loop", () -> team.mean(_ -> loop(CALLS)))), List.of(team));
        });
    }

    /// The multiply-add loop on all processors with about so many operations: a reference beside a kernel.
    public static final class FmaLoop implements AutoCloseable {
        private final ThreadTeam team;
        private final int calls;

        public FmaLoop(double flops) {
            int threads = Runtime.getRuntime().availableProcessors();
            team = new ThreadTeam(threads);
            calls = (int) Math.max(1, Math.round(flops / threads / FmaKernel.flops(ITERATIONS)));
        }

        /// Runs it once.
        public double run() {
            return team.mean(_ -> loop(calls));
        }

        @Override
        public void close() {
            team.close();
        }
    }

    private static double loop(int calls) {
        double last = 0;
        for (int call = 0; call < calls; call++) {
            last = FmaKernel.run(ITERATIONS);
        }
        return last;
    }

    @FunctionalInterface
    private interface Range {
        double run(long from, long to);
    }

    private static Comparison stream(
            String ceiling, int threads, int streams, Function<List<MemorySegment>, Range> loop) {
        Work work = Work.of(0, streams * (double) STREAM_BYTES);
        return new Comparison(name(ceiling, threads), work, 0, traits(ceiling, threads), () -> {
            Backend backend = Backends.open("cpu");      // its memory is what kernels work on: huge pages and all
            List<MemorySegment> memory = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                MemorySegment segment = backend.allocate(STREAM_BYTES).segment();
                memory.add(segment.fill((byte) 0));
            }
            Range range = loop.apply(memory);
            ThreadTeam team = new ThreadTeam(threads);
            long share = STREAM_BYTES / threads / 4096 * 4096;
            Contender contender = Contender.of("loop",
                    () -> team.mean(i -> range.run(i * share, i == threads - 1 ? STREAM_BYTES : (i + 1) * share)));
            return new Contest(List.of(contender), List.of(backend, team));
        });
    }

    private static String name(String ceiling, int threads) {
        return "%s, %d thread%s".formatted(ceiling, threads, threads == 1 ? "" : "s");
    }

    private static Map<String, String> traits(String ceiling, int threads) {
        return Map.of("ceiling", ceiling, "threads", Integer.toString(threads));
    }
}
