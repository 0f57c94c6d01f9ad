package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.models.gpt2.Gpt2Config;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The LoRA training step of GPT-2 small, and its forward pass with the loss: F32, r = 4 on q and v, every row counted.
public final class StepSuite implements Suite {
    /// Losses are about 11, so this is 1e-4 of the loss itself.
    private static final double TOLERANCE = 1e-5;
    private static final String MODEL = "gpt2";
    private static final int RANK = 4;

    @Override
    public String name() {
        return "step";
    }

    @Override
    public String about() {
        return "a LoRA training step of GPT-2 small beside libtorch's, same weights, tokens and losses";
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                comparison("train", 8, 128), comparison("train", 2, 512), comparison("train", 1, 1024),
                comparison("forward", 8, 128));
    }

    private static Comparison comparison(String what, int sequences, int length) {
        int[] lengths = new int[sequences];
        Arrays.fill(lengths, length);
        return new Comparison(
                "%s %dx%d".formatted(what, sequences, length),
                Work.items(sequences * length, "tokens"),
                TOLERANCE,
                Map.of("model", MODEL, "batch", "" + sequences, "sequence", "" + length, "rank", "" + RANK),
                () -> contest(what, StepPair.open(Gpt2Config.published(MODEL), RANK, lengths)));
    }

    private static Contest contest(String what, StepPair pair) {
        return what.equals("train")
                ? pair.contest(ours -> ours.step().loss(), TorchLoraStep::step)
                : pair.contest(ours -> ours.loss(), TorchLoraStep::loss);
    }
}
