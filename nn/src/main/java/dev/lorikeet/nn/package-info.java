/// Layers: small immutable objects composed of ops, with weights that are named as in the checkpoint.
///
/// A model is built once, from the outside in: it asks [Weights] for each tensor by its path and [Projections] for each
/// projection. What is trainable and where adapters go is decided there, at construction; layers have no train or eval
/// mode and no mutable state. Building a second model over the same [WeightStore] costs no weight memory, which is how
/// several adapters share one base and are switched without reloading.
///
/// How many bits a frozen matrix has is the store's business ([BaseDType]): layers and ops do not see it.
///
/// Layers call ops, never kernels. Read next: `dev.lorikeet.nn.optim`, the only writer of weights, then
/// `dev.lorikeet.lora`.
package dev.lorikeet.nn;
