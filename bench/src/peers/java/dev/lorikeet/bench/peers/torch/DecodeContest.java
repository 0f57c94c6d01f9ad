package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Greedy generation of one sequence by our [Generator] and by a [TorchDecoder] of each form, on the same random
/// weights. A run returns the largest logit behind the prompt.
final class DecodeContest implements AutoCloseable {
    private static final long SEED = 5;

    private final Backend backend = Backends.open("cpu");
    private final Pool pool = new Pool(backend);
    private final Generator ours;
    private final TorchWeights weights;
    private final Gpt2Config config;
    private final int[] prompt;
    private final int count;
    private double ourFirstLogit;

    /// @param count how many tokens to add
    /// @param base  how ours keeps its weights; libtorch's come from the same F32 numbers
    DecodeContest(Gpt2Config config, int promptLength, int count, BaseDType base) {
        this.config = config;
        this.count = count;
        WeightStore wide = new WeightStore(backend, WeightSource.random(SEED), DType.F32);
        Gpt2 model = model(wide);
        weights = TorchWeights.copyOf(wide);
        if (base != BaseDType.F32) {
            wide.all().forEach(weight -> backend.free(weight.value().storage()));
            model = model(new WeightStore(backend, WeightSource.random(SEED), DType.F32, base));
        }
        ours = new Generator(model, pool);
        prompt = new int[promptLength];
        for (int t = 0; t < promptLength; t++) {
            prompt[t] = Integer.remainderUnsigned(Philox.word(new RandomKey(SEED, 0), t), config.vocabSize());
        }
    }

    private Gpt2 model(WeightStore store) {
        return new Gpt2(config, Weights.of(store, WeightOverrides.none()), Projections.plain());
    }

    /// The tokens that ours adds.
    int[] ours() {
        return ours.generate(List.of(prompt), count, Sampling.greedy(), _ -> false, new Generator.Listener() {
            @Override
            public void onToken(int sequence, int token) {}

            @Override
            public boolean wantsLogits(int position) {
                return position == 0;
            }

            @Override
            public void onLogits(int sequence, int position, double[] logits) {
                ourFirstLogit = Arrays.stream(logits).max().orElseThrow();
            }
        }).getFirst();
    }

    /// A decoder with libtorch's own copies of the weights; the caller closes it.
    TorchDecoder torch(TorchMatrix.Form form) {
        return new TorchDecoder(config, weights, form, prompt.length + count);
    }

    /// The tokens that `decoder` adds.
    int[] generate(TorchDecoder decoder) {
        return decoder.generate(prompt, count);
    }

    /// Ours against every form.
    Contest contest() {
        List<Contender> contenders = new ArrayList<>();
        List<AutoCloseable> shared = new ArrayList<>(List.of(this));
        contenders.add(Contender.of("lorikeet", () -> {
            ours();
            return ourFirstLogit;
        }));
        for (TorchMatrix.Form form : TorchMatrix.Form.values()) {
            TorchDecoder decoder = torch(form);
            shared.add(decoder);
            contenders.add(Contender.of("libtorch " + form.name().toLowerCase(java.util.Locale.ROOT), () -> {
                generate(decoder);
                return decoder.firstLogit();
            }));
        }
        return new Contest(contenders, shared);
    }

    @Override
    public void close() {
        weights.close();
        pool.close();
        backend.close();
    }
}
