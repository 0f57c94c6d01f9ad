/// From results to a page: `report.md` with a table per suite, and pictures beside it.
///
/// [Roofline] puts every kernel under the ceilings of the machine it ran on, [RatioBars] shows ratios to the best peer,
/// [ScalingPlot] cost against batch, sequence, rank, layers and threads with the expected slope beside it. All of them
/// draw with [Svg], which writes the few shapes that are needed. [Report] puts everything together.
package dev.lorikeet.bench.report;
