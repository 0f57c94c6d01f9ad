package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.bench.steps.ClassifierStep;
import dev.lorikeet.bench.steps.Padding;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The LoRA training step of RoBERTa-base with a head of three classes that is trained: F32, r = 8 on query and value.
public final class ClassifierSuite implements Suite {
    /// Losses are about 1.
    private static final double TOLERANCE = 1e-4;
    private static final String MODEL = "roberta-base";
    private static final int CLASSES = 3;
    private static final int RANK = 8;
    private static final int TEXTS = 16;
    private static final int LENGTH = 128;

    @Override
    public String name() {
        return "classifier";
    }

    @Override
    public String about() {
        return "a LoRA training step of a RoBERTa-base classifier beside libtorch's, same weights, tokens and losses";
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(comparison("train", "as transformers", false), comparison("train", "first rows", true),
                comparison("forward", "as transformers", false));
    }

    private static Comparison comparison(String what, String last, boolean firstRows) {
        int[] lengths = new int[TEXTS];
        Arrays.fill(lengths, LENGTH);
        return new Comparison(
                "%s %dx%d, last block %s".formatted(what, TEXTS, LENGTH, last),
                Work.items(TEXTS * LENGTH, "tokens"),
                TOLERANCE,
                Map.of("model", MODEL, "batch", "" + TEXTS, "sequence", "" + LENGTH, "rank", "" + RANK,
                        "last block of libtorch", last),
                () -> contest(
                        RobertaConfig.published(MODEL).withLabels(CLASSES), RANK, what.equals("train"), firstRows,
                        lengths));
    }

    /// @param firstRows whether libtorch, too, computes only the rows of the last block that the head reads
    static Contest contest(RobertaConfig config, int rank, boolean train, boolean firstRows, int... lengths) {
        Backend backend = Backends.open("cpu");
        ClassifierStep ours = new ClassifierStep(backend, config, rank, lengths);
        TorchClassifierStep torch = new TorchClassifierStep(config, ours.store(), ours.adapter(), firstRows);
        TorchTexts texts = TorchTexts.padded(ours.batch(), config, Padding.LONGEST);
        return new Contest(
                List.of(Contender.of("lorikeet", train ? () -> ours.step().loss() : ours::loss),
                        Contender.of("libtorch", train ? () -> torch.step(texts) : () -> torch.loss(texts))),
                List.of(backend, ours, torch, texts));
    }
}
