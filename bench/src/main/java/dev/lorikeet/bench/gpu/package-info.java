/// The suite for a GPU: checks and measurements that run on a machine with one, in one command, unattended.
///
/// Each [Part] is a process of its own with a time of its own, so that no failure of one stops another; it tells what
/// it finds as [Rows] on its output, so that what was found before a failure is kept. [SuiteRun] runs the parts of a
/// [Plan] within a given time and after each of them writes a [SuiteReport]: everything as JSON, a page, and a short
/// table.
///
/// The parts that check what only `cuda-kernels` knows are in that module's test classes; a bundle made by
/// `mvn -Pgpu-bundle package` has them beside the others. [StepPart] is the race with PyTorch's training step, which
/// runs in processes of its own ([PyTorchProcess]) from the very weights, adapters and batches that our side has
/// written ([PyTorchFiles]), and takes turns with ours.
package dev.lorikeet.bench.gpu;
