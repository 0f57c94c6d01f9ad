/// Peak resident memory of the training step: each [MemoryContender] alone in a process of its own, and our peak beside
/// what a [StepLedger] predicts without running anything.
///
/// The kernel counts (`VmHWM`), so everything is in it: weights, activations, the JVM, libraries, what an allocator
/// keeps. `bench/run memory` starts the processes (`dev.lorikeet.bench.process`) and prints the table.
package dev.lorikeet.bench.memory;
