package dev.lorikeet.bench.ceilings;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// A number of threads that all do the same thing at once. Work has to last milliseconds: handing it over takes
/// microseconds.
final class ThreadTeam implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;

    ThreadTeam(int threads) {
        this.threads = threads;
        executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().name("ceiling-", 0).factory());
    }

    /// Runs `work` with 0 … threads − 1, waits for all and returns the mean of what they return.
    double mean(IntToDoubleFunction work) {
        List<Callable<Double>> tasks = IntStream.range(0, threads)
                .mapToObj(i -> (Callable<Double>) () -> work.applyAsDouble(i))
                .toList();
        try {
            double sum = 0;
            for (Future<Double> future : executor.invokeAll(tasks)) {
                sum += future.get();
            }
            return sum / threads;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a measuring thread failed", e.getCause());
        }
    }

    @Override
    public void close() {
        executor.close();
    }
}
