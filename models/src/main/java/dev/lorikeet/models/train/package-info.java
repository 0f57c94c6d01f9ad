/// Training: fine-tuning as one record of choices, and below it the loop of windows of ragged micro-batches, one
/// optimizer step each, with periodic evaluation and crash-safe checkpoints that resume bit for bit.
///
/// [FineTuning] says what is learned ([TaskData]), what is trained for that (a `Method`), how long and how fast
/// ([TrainingPlan]); it tells a [FineTuningListener] what happens and prints nothing. [FineTuningEvaluation] judges
/// what came of it. Both know neither a model family nor a method.
///
/// Everything random is a pure function of the seed and the step number: which examples a window holds
/// ([TrainingData#window]), and which dropout masks are drawn. A checkpoint is therefore the trainable weights, the
/// optimizer's moments and the step; resuming from it continues exactly where an uninterrupted run would be.
///
/// On a device that gains by steps that repeat themselves, a [Trainer] fills batches up to few shapes.
///
/// Read [FineTuning], [FineTuningRun] and [TrainingSteps]; below them [TrainingSettings], [Trainer] and
/// [TrainingState]; next `dev.lorikeet.models.generate`.
package dev.lorikeet.models.train;
