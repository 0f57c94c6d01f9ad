/// The command line of the benchmarks, started by `bench/run`: `list`, `compare`, `before-after`, `memory`, `lengths`,
/// `shapes`, `render`, `jmh`, and `gpu` with its `gpu-part`s.
///
/// Nothing is decided here: how to measure is `dev.lorikeet.bench.compare`'s business, what to measure a suite's.
package dev.lorikeet.bench.cli;
