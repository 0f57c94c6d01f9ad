package dev.lorikeet.models.gpt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.Trainer;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Gpt2TrainingTest {
    private static final Gpt2Config TINY = new Gpt2Config(
            17, 24, 12, 2, 3, 20, UnaryFunction.GELU_TANH, 1e-5, 0.2, 0, 0, 0, true, false, true, -1);
    private static final int[] SONG = {1, 5, 2, 9, 4, 16, 3, 0, 7, 7, 11, 2};
    private static final int[] SHORT = {3, 3, 8};

    private Backend backend;
    private Pool pool;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    @Test
    void a_fully_trained_model_sings_its_song_by_heart() {
        WeightStore store = new WeightStore(backend, WeightSource.random(7), DType.F32);
        TrainableWeights trainable = new TrainableWeights(store, _ -> true);
        Gpt2 model = new Gpt2(TINY, Weights.of(store, trainable), Projections.plain());
        AdamW optimizer = new AdamW(
                backend, List.of(new ParameterGroup(trainable.all(), 0.01)), AdamWConfig.defaults());
        TokenBatch batch = TokenBatch.of(List.of(SONG, SHORT));
        Trainer<TokenBatch> trainer = new Trainer<>(Objective.tokens(model), pool, optimizer, _ -> List.of(batch),
                new TrainingSettings(80, 0.02, Schedule.linear(5, 80), 1, 0, 0, 0, 0));
        double first = trainer.step().loss();
        trainer.step();
        long allocations = pool.allocations();
        StepResult last = null;
        for (int i = 2; i < 80; i++) {
            last = trainer.step();
        }
        assertThat(first).isBetween(2.0, 5.0);
        assertThat(last.loss()).isLessThan(0.05);
        assertThat(pool.allocations()).as("allocations after step 2").isEqualTo(allocations);
        assertThat(pool.usedBytes()).as("bytes still on loan").isZero();

        Generator generator = new Generator(model, pool);
        List<int[]> continued = generator.generate(
                List.of(new int[] {1}, new int[] {3, 3}), 11, Sampling.greedy(), _ -> false, (_, _) -> {});
        assertThat(continued.get(0)).startsWith(5, 2, 9, 4, 16, 3, 0, 7, 7, 11, 2);
        assertThat(continued.get(1)[0]).isEqualTo(8);
    }

    @Test
    void two_micro_batches_give_the_gradient_of_the_big_batch() {
        double[] together = gradient(List.of(TokenBatch.of(List.of(SONG, SHORT))));
        double[] apart = gradient(List.of(TokenBatch.of(List.of(SONG)), TokenBatch.of(List.of(SHORT))));
        for (int i = 0; i < together.length; i++) {
            assertThat(apart[i]).isCloseTo(together[i], offset(1e-14));
        }
        assertThat(Arrays.stream(together).map(Math::abs).max().orElse(0)).isGreaterThan(1e-3);
    }

    private double[] gradient(List<TokenBatch> window) {
        WeightStore store = new WeightStore(backend, WeightSource.random(7), DType.F64);
        TrainableWeights trainable = new TrainableWeights(store, path
                -> path.equals("transformer.h.0.attn.c_attn.weight"));
        Gpt2 model = new Gpt2(TINY, Weights.of(store, trainable), Projections.plain());
        long labelled = window.stream().mapToLong(TokenBatch::labelled).sum();
        for (TokenBatch batch : window) {
            try (Tape tape = Tape.training(pool, null)) {
                tape.backward(model.loss(tape, batch, 0, 1.0 / labelled).loss());
            }
        }
        return HostValues.doubles(backend, trainable.all().getFirst().grad());
    }
}
