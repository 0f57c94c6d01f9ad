package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.bench.steps.ClassifierStep;
import dev.lorikeet.bench.steps.GlueLengths;
import dev.lorikeet.bench.steps.Padding;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.List;
import java.util.Map;

/// Training on texts as long as GLUE's, in the same order: ours ragged; libtorch padded, with the mask that makes its
/// losses ours. Every run is the next batch, so each round compares one batch, and its losses.
public final class PaddedGlueSuite implements Suite {
    /// Losses are about 1.
    private static final double TOLERANCE = 1e-4;

    @Override
    public String name() {
        return "glue-lengths-libtorch";
    }

    @Override
    public String about() {
        return "a LoRA step of RoBERTa-base on texts as long as SST-2's and MNLI's: ours ragged, libtorch padded";
    }

    @Override
    public List<Comparison> comparisons() {
        return GlueLengths.all().stream()
                .flatMap(texts -> GlueLengths.paddings().stream().map(padding -> comparison(texts, padding)))
                .toList();
    }

    private static Comparison comparison(GlueLengths texts, Padding padding) {
        return new Comparison(texts.task() + ", " + padding, Work.items(GlueLengths.TEXTS, "texts"), TOLERANCE,
                Map.of("model", GlueLengths.MODEL, "task", texts.task(), "rank", "" + GlueLengths.RANK),
                () -> contest(texts.config(), GlueLengths.RANK, texts.batches(), padding)).inStep();
    }

    /// @param data batches by step; asked by both sides for the same ones
    static Contest contest(RobertaConfig config, int rank, TrainingData<LabelledBatch> data, Padding padding) {
        Backend backend = Backends.open("cpu");
        ClassifierStep ours = new ClassifierStep(backend, config, rank, data);
        TorchClassifierStep torch = new TorchClassifierStep(config, ours.store(), ours.adapter(), false);
        int[] steps = new int[1];
        return new Contest(
                List.of(Contender.of("lorikeet", () -> ours.step().loss()), Contender.of("libtorch", () -> {
                    LabelledBatch batch = data.window(steps[0]++).getFirst();
                    try (TorchTexts texts = TorchTexts.padded(batch, config, padding)) {
                        return torch.step(texts);
                    }
                })),
                List.of(backend, ours, torch));
    }
}
