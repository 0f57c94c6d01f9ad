package dev.lorikeet.models.train;

import dev.lorikeet.models.Architecture;
import dev.lorikeet.tensor.Pool;

/// What a task judges a model by.
///
/// @param <M> what the task needs of a model
public sealed interface HeldOutExamples<M> permits LanguageHeldOut, GlueHeldOut {
    /// The model that can be judged.
    Architecture<? extends M> architecture();

    /// Judges `model` as it is at the time of each evaluation.
    Evaluator evaluator(Pool pool, M model);
}
