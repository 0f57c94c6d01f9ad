/// The command line of the benchmarks, started by `bench/run`: `list`, `compare`, `memory`, `lengths`, `render`, `jmh`.
///
/// Nothing is decided here: how to measure is `dev.lorikeet.bench.compare`'s business, what to measure a suite's.
package dev.lorikeet.bench.cli;
