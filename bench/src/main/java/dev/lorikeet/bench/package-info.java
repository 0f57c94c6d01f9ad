/// Benchmarks: everything that this project claims about speed and memory, as JMH suites with a correctness test each.
///
/// `steps` measures whole training steps. A figure is quoted as the median of several forks, beside a peer in the same
/// run where there is one; `bench/README.md` tells how to run them.
package dev.lorikeet.bench;
