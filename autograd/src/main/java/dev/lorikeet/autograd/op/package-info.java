/// The operations, one record per file: its formula, its shape rule, its forward (`apply`) and its backward.
///
/// A record's components are exactly the tensors and numbers that its backward needs; a tensor that no gradient needs
/// is null, and one that a [dev.lorikeet.autograd.Recomputable] op made is not kept but computed again. To add an op:
/// write its file, add its name to the `permits` of [Op]; the coverage test then fails until a gradient check for it
/// exists. Ops call kernels; they never loop over elements and never ask which device they run on.
///
/// Reading order: [Linear], [LowRankDelta] (LoRA itself), [LayerNorm], [SelfAttention], [LinearCrossEntropy].
package dev.lorikeet.autograd.op;
