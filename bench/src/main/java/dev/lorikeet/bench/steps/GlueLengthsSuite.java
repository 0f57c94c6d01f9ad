package dev.lorikeet.bench.steps;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What padding would cost ours: training steps on texts as long as GLUE's, ragged as they are, and padded. Every run
/// is the next batch, so each round compares one batch.
public final class GlueLengthsSuite implements Suite {
    /// Ours knows no mask: padding is text to it, and the losses of a head with random weights are alike, not equal.
    private static final double TOLERANCE = 0.5;

    @Override
    public String name() {
        return "glue-lengths";
    }

    @Override
    public String about() {
        return "a LoRA step of RoBERTa-base on texts as long as SST-2's and MNLI's: ours, ragged and padded";
    }

    @Override
    public List<Comparison> comparisons() {
        return GlueLengths.all().stream().map(GlueLengthsSuite::comparison).toList();
    }

    private static Comparison comparison(GlueLengths texts) {
        return new Comparison(texts.task() + ", ours padded", Work.items(GlueLengths.TEXTS, "texts"), TOLERANCE,
                Map.of("model", GlueLengths.MODEL, "task", texts.task(), "rank", "" + GlueLengths.RANK),
                () -> contest(texts.config(), GlueLengths.RANK, texts.batches(), GlueLengths.paddings())).inStep();
    }

    static Contest contest(
            RobertaConfig config, int rank, TrainingData<LabelledBatch> data, List<Padding> paddings) {
        Backend backend = Backends.open("cpu");
        ClassifierStep ragged = new ClassifierStep(backend, config, rank, data);
        List<AutoCloseable> shared = new ArrayList<>(List.of(backend, ragged));
        List<Contender> contenders = new ArrayList<>(List.of(Contender.of("lorikeet", () -> ragged.step().loss())));
        for (Padding padding : paddings) {
            ClassifierStep padded = new ClassifierStep(backend, config, rank, step -> data.window(step).stream()
                    .map(batch -> padding.of(batch, config.padTokenId())).toList());
            shared.add(padded);
            contenders.add(Contender.of(padding.toString(), () -> padded.step().loss()));
        }
        return new Contest(contenders, shared);
    }
}
