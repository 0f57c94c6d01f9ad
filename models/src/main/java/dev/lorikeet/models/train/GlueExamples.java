package dev.lorikeet.models.train;

import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.method.Tunable;
import java.util.Optional;

/// Sentences with a class or a number each.
///
/// @param model     a classifier with a head for the task
/// @param config    its configuration
/// @param sentences to train on
/// @param skipped   rows of the file that had not all columns
/// @param maxLength the most tokens that a sequence may have
/// @param judged    sentences to judge the model by
public record GlueExamples(
        Tunable<SequenceClassifier> model, ModelConfig config, EncodedSentences sentences, int skipped, int maxLength,
        GlueHeldOut judged) implements TaskExamples<SequenceClassifier, LabelledBatch> {
    @Override
    public int size() {
        return sentences.size();
    }

    @Override
    public String taskType() {
        return "SEQ_CLS";
    }

    @Override
    public Batches<LabelledBatch> batches(TrainingPlan plan, long seed) {
        return plan.groupByLength()
                ? Batches.byLength(sentences, plan.batch(), seed, sentences::pack)
                : Batches.shuffled(sentences, BatchSize.ofSequences(plan.batch()), seed, sentences::pack);
    }

    @Override
    public Objective<LabelledBatch> objective(SequenceClassifier model) {
        return model::loss;
    }

    @Override
    public Optional<GlueHeldOut> heldOut() {
        return Optional.of(judged);
    }
}
