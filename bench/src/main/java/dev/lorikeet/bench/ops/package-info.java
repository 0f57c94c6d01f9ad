/// Ops as a model uses them: recorded on a tape, forward and backward, with everything that costs besides the kernels
/// themselves (shape checks, the pool, the tape). [OpRun] is the work, [OpBenchmark] measures it with JMH.
package dev.lorikeet.bench.ops;
