/// The words of the engine: what a tensor is, where its bytes live, and what a device can do with them.
///
/// A [Tensor] is *rows of contiguous numbers* over a [Storage]: enough for row and column slices, per-head slices of a
/// fused `(N, 3C)` projection and LoRA on some columns of it, without general strides and without implicit
/// broadcasting. A batch is ragged: [Sequences] holds where each sequence starts and how long it is, so that no
/// padding is ever stored or computed.
///
/// Frozen matrices may be kept in fewer bits than activations have: BF16 and F16 by their type alone, bytes as [Int8]
/// makes them, with [Scales] that say what they stand for. Kernels widen them while they read them.
///
/// A device is two interfaces and no third level: [Backend] owns memory, [Kernels] does arithmetic. Kernels take the
/// destination first, never allocate and never keep a reference. [Pool] recycles step memory so that, from the second
/// training step on, nothing is allocated. A device that replays whole steps as graphs says so
/// ([Backend#capturesGraphs]); its pool is laid out for that ([Regions]), and its batches are padded to few shapes.
///
/// This package knows no gradient, no file format and no device implementation. Read next: `dev.lorikeet.tensor.cpu`
/// for the two host backends, then `dev.lorikeet.autograd`.
package dev.lorikeet.tensor;
