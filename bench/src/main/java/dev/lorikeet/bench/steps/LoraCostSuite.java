package dev.lorikeet.bench.steps;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What LoRA on q and v costs over the frozen model's own forward and backward ([FrozenStep]), both ours: a ratio of
/// 1.03 is a cost of 3 %.
public final class LoraCostSuite implements Suite {
    /// Losses are equal at first (B is zero) and part as the two train.
    private static final double TOLERANCE = 0.05;
    private static final String MODEL = "gpt2";
    private static final int SEQUENCES = 8;
    private static final int LENGTH = 128;

    @Override
    public String name() {
        return "lora-cost";
    }

    @Override
    public String about() {
        return "a LoRA step of ours over the frozen model's own forward and backward: 1.03 is a cost of 3 %";
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(comparison(8), comparison(64));
    }

    private static Comparison comparison(int rank) {
        return new Comparison("r=%d 8x128".formatted(rank), Work.items(SEQUENCES * LENGTH, "tokens"), TOLERANCE,
                Map.of("model", MODEL, "rank", "" + rank), () -> contest(rank));
    }

    private static Contest contest(int rank) {
        int[] lengths = new int[SEQUENCES];
        Arrays.fill(lengths, LENGTH);
        Backend backend = Backends.open("cpu");
        LoraStep lora = new LoraStep(backend, Gpt2Config.published(MODEL), rank, lengths);
        FrozenStep frozen = new FrozenStep(backend, lora);
        return new Contest(
                List.of(Contender.of("frozen", () -> frozen.step().loss()),
                        Contender.of("with LoRA", () -> lora.step().loss())),
                List.of(backend, lora, frozen));
    }
}
