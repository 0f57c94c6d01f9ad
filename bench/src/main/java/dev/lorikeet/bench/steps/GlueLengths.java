package dev.lorikeet.bench.steps;

import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.TrainingData;
import java.util.List;

/// Training on texts as long as those of a GLUE task: RoBERTa-base, r = 8, batches of 16 as in the paper's Table 9,
/// texts of more than 128 tokens cut.
///
/// @param task    the task, which has a file of lengths
/// @param classes of its head
public record GlueLengths(String task, int classes) {
    /// The model.
    public static final String MODEL = "roberta-base";
    /// LoRA's rank.
    public static final int RANK = 8;
    /// Texts of a batch.
    public static final int TEXTS = 16;
    /// Most tokens of a text, and what a fixed length has to be for that.
    public static final int LONGEST = 128;

    /// Short phrases, and pairs of sentences.
    public static List<GlueLengths> all() {
        return List.of(new GlueLengths("sst-2", 2), new GlueLengths("mnli", 3));
    }

    /// How batches are padded elsewhere.
    public static List<Padding> paddings() {
        return List.of(Padding.LONGEST, Padding.to(LONGEST));
    }

    /// The model with the task's head.
    public RobertaConfig config() {
        return RobertaConfig.published(MODEL).withLabels(classes);
    }

    /// Its batches by step, the same ones for everybody.
    public TrainingData<LabelledBatch> batches() {
        return batches(config(), TextLengths.published(task).cutTo(LONGEST), TEXTS);
    }

    /// Batches of random texts of these lengths.
    public static TrainingData<LabelledBatch> batches(RobertaConfig config, TextLengths lengths, int texts) {
        return new RandomTexts(config, lengths).batches(texts);
    }
}
