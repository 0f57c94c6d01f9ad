/// Generating text with real model sizes and random weights: the pass over a prompt, and tokens per second after it.
/// [DecodeBenchmark] measures ours alone; the races with libtorch are suites among the peers.
package dev.lorikeet.bench.decode;
