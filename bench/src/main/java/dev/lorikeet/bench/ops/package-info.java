/// Ops as a model uses them: recorded on a tape, forward and backward, with everything that costs besides the kernels
/// themselves (shape checks, the pool, the tape).
package dev.lorikeet.bench.ops;
