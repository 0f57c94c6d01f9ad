package dev.lorikeet.models.train;

import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.LimitedExamples;
import dev.lorikeet.models.method.Tunable;
import java.util.Optional;

/// Texts to predict the next token of.
///
/// @param model     the language model
/// @param config    its configuration
/// @param limited   the texts, and what was cut
/// @param maxLength the most tokens that one of them may have
/// @param heldOut   texts to judge the model by, if there are any
public record LanguageExamples(
        Tunable<LanguageModel> model, ModelConfig config, LimitedExamples limited, int maxLength,
        Optional<LanguageHeldOut> heldOut) implements TaskExamples<LanguageModel, TokenBatch> {
    @Override
    public int size() {
        return limited.examples().size();
    }

    @Override
    public String taskType() {
        return "CAUSAL_LM";
    }

    @Override
    public Batches<TokenBatch> batches(TrainingPlan plan, long seed) {
        return plan.groupByLength()
                ? Batches.byLength(limited.examples(), plan.batch(), seed)
                : Batches.shuffled(limited.examples(), BatchSize.ofSequences(plan.batch()), seed);
    }

    @Override
    public Objective<TokenBatch> objective(LanguageModel model) {
        return Objective.tokens(model);
    }
}
