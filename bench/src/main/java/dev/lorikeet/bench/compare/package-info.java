/// Fair comparisons on a machine that is not quiet: two or more [Contender]s do the same work in turns, in one process.
///
/// A ratio of two absolute times that were taken an hour apart says little on a shared host. So the contenders of a
/// [Comparison] alternate, in rotating order, with a pause and an untimed call at each change (the worker threads of
/// OpenMP and OpenBLAS spin for a while after their work and would steal the next contender's core). What is quoted is
/// the *median of the ratios of each round*, with its quartiles, and how busy the machine was with other work.
///
/// Start with [PairedRun]. A [Suite] names comparisons and is found by `ServiceLoader`; `dev.lorikeet.bench.cli` runs
/// suites from the command line.
package dev.lorikeet.bench.compare;
