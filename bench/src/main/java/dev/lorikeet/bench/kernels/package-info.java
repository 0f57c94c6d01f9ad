/// Single kernels: matrix products in the shapes that training and decoding have, and what stands between them.
///
/// A *problem* ([GemmProblem]) is inputs in memory that every contender can read, and a check of the result against
/// plain arithmetic in double, so that nobody is fast by being wrong. Suites pit our kernel against whatever peers are
/// on the class path ([GemmContenders]); JMH benchmarks of the same problems measure ours alone, with forks.
package dev.lorikeet.bench.kernels;
