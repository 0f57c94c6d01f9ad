/// The training loop: windows of ragged micro-batches, one optimizer step each, periodic evaluation, crash-safe
/// checkpoints that resume bit for bit.
///
/// Everything random is a pure function of the seed and the step number: which examples a window holds
/// ([TrainingData#window]), and which dropout masks are drawn. A checkpoint is therefore the trainable weights, the
/// optimizer's moments and the step; resuming from it continues exactly where an uninterrupted run would be.
///
/// On a device that gains by steps that repeat themselves, a [Trainer] fills batches up to few shapes.
///
/// Read [TrainingSettings], [Trainer], then [TrainingState]; next `dev.lorikeet.models.generate`.
package dev.lorikeet.models.train;
