package dev.lorikeet.bench.report;

import dev.lorikeet.bench.ceilings.CeilingSuite;
import dev.lorikeet.bench.compare.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The ceilings of the machine with all its threads, from results of [CeilingSuite].
///
/// @param gigaflops multiply-adds, counted as two
/// @param gigabytes the faster one of `triad` and `read`
record Ceilings(double gigaflops, double gigabytes) {
    /// What the results say; empty if they do not have both ceilings.
    static Optional<Ceilings> of(List<Result> results) {
        List<Result> ceilings = results.stream().filter(one -> one.suite().equals(CeilingSuite.NAME)).toList();
        Optional<Double> flops = ceilings.stream()
                .map(one -> one.gigaflops(one.ours())).filter(rate -> rate > 0).max(Comparator.naturalOrder());
        Optional<Double> bytes = ceilings.stream()
                .map(one -> one.gigabytes(one.ours())).filter(rate -> rate > 0).max(Comparator.naturalOrder());
        return flops.isPresent() && bytes.isPresent()
                ? Optional.of(new Ceilings(flops.get(), bytes.get()))
                : Optional.empty();
    }

    /// The most that work of that intensity (operations per byte) can reach if its bytes come from memory.
    double roof(double intensity) {
        return Math.min(gigaflops, gigabytes * intensity);
    }
}
