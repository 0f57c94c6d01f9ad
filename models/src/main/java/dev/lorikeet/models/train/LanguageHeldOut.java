package dev.lorikeet.models.train;

import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.tensor.Pool;

/// Held-out texts.
///
/// @param architecture of the model that predicts them
/// @param heldOut      the texts
public record LanguageHeldOut(Architecture<? extends LanguageModel> architecture, HeldOut heldOut)
        implements HeldOutExamples<LanguageModel> {
    @Override
    public HeldOutLoss evaluator(Pool pool, LanguageModel model) {
        return new HeldOutLoss(pool, heldOut, model);
    }
}
