package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/// Training on real E2E batches in the same order: ours ragged, with logits for labelled tokens only; libtorch padded
/// to the longest of each batch or to the 512 of the paper's scripts. Every run is the next batch, so each round
/// compares one batch, and its losses.
public final class E2eSuite implements Suite {
    private static final double TOLERANCE = 2e-5;
    private static final String MODEL = "gpt2";
    private static final int PAPER_LENGTH = 512;

    private final E2eSlice slice;

    /// Looks for the data beside the checkout; `bench/run` says where that is.
    public E2eSuite() {
        this(E2eSlice.beside(Path.of(System.getProperty("bench.home", "bench"))));
    }

    E2eSuite(E2eSlice slice) {
        this.slice = slice;
    }

    @Override
    public String name() {
        return "e2e";
    }

    @Override
    public String about() {
        return slice.missing()
                .map(path -> "skipped: %s is missing".formatted(path))
                .orElse("LoRA on E2E with GPT-2 small, 8 examples a step: ours ragged, libtorch padded");
    }

    @Override
    public List<Comparison> comparisons() {
        if (slice.missing().isPresent()) {
            return List.of();
        }
        return List.of(
                comparison("padded to the longest", batch -> batch.sequences().longest()),
                comparison("padded to 512", _ -> PAPER_LENGTH));
    }

    private Comparison comparison(String name, ToIntFunction<TokenBatch> length) {
        return new Comparison(name, Work.items(E2eSlice.BATCH, "examples"), TOLERANCE, Map.of("model", MODEL),
                () -> contest(Gpt2Config.published(MODEL), slice.windows(), length)).inStep();
    }

    /// @param data   batches by step; asked by both sides for the same ones
    /// @param length to which libtorch pads a batch
    static Contest contest(Gpt2Config config, TrainingData<TokenBatch> data, ToIntFunction<TokenBatch> length) {
        Backend backend = Backends.open("cpu");
        LoraStep ours = new LoraStep(backend, config, 4, data);
        TorchLoraStep torch = new TorchLoraStep(
                config, ours.store(), ours.adapter(), LoraStep.LEARNING_RATE, LoraStep.WEIGHT_DECAY);
        int[] steps = new int[1];
        return new Contest(
                List.of(Contender.of("lorikeet", () -> ours.step().loss()), Contender.of("libtorch", () -> {
                    TokenBatch batch = data.window(steps[0]++).getFirst();
                    try (TorchBatch padded = TorchBatch.padded(batch, length.applyAsInt(batch))) {
                        return torch.step(padded);
                    }
                })),
                List.of(backend, ours, torch));
    }
}
