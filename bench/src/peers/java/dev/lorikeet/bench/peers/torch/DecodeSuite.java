package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.BaseDType;
import java.util.List;
import java.util.Map;

/// Generating with GPT-2 small, one sequence: the pass over a prompt of 64 tokens, and all of it with 63 passes over
/// one token each. Names of libtorch's contenders tell the [TorchMatrix.Form].
public final class DecodeSuite implements Suite {
    /// BF16 keeps 8 bits of each weight and int8 fewer, so the largest logit differs in its third digit.
    private static final double TOLERANCE = 0.03;
    private static final String MODEL = "gpt2";
    private static final int PROMPT = 64;

    @Override
    public String name() {
        return "decode";
    }

    @Override
    public String about() {
        return "greedy generation with GPT-2 small, batch 1, beside libtorch in its three forms";
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                comparison("prefill 64", 1, BaseDType.F32),
                comparison("generate 64+64", 64, BaseDType.F32),
                comparison("generate 64+64, ours bf16", 64, BaseDType.BF16),
                comparison("generate 64+64, ours int8", 64, BaseDType.INT8));
    }

    private static Comparison comparison(String name, int count, BaseDType base) {
        return new Comparison(
                name, Work.items(count, "tokens"), TOLERANCE, Map.of("model", MODEL, "base", base.name()),
                () -> new DecodeContest(Gpt2Config.published(MODEL), PROMPT, count, base).contest());
    }
}
