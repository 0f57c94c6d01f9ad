package dev.lorikeet.models.gpt2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The whole model's gradients against finite differences: what golden tensors cannot show, dropout included.
class Gpt2GradientTest {
    private static final Gpt2Config TINY = new Gpt2Config(
            13, 8, 6, 2, 2, 10, UnaryFunction.GELU_TANH, 1e-5, 0.4, 0.1, 0.2, 0.1, true, true, true, -1);
    private static final TokenBatch BATCH = TokenBatch.of(
            List.of(new int[] {1, 5, 2, 9, 4}, new int[] {3, 3, 8}),
            List.of(new int[] {1, 5, 2, 9, 4}, new int[] {3, TokenBatch.IGNORED, 8}));
    private static final int ELEMENTS = 5;
    private static final double TOLERANCE = 1e-6;

    private Backend backend;
    private WeightStore store;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        store = new WeightStore(backend, WeightSource.random(7), DType.F64);
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private void check(Gpt2 model, List<Trainable> weights) {
        GradCheck.on(backend)
                .withRandom(new RandomKey(5, 77))
                .sampling(ELEMENTS)
                .check(tape -> model.loss(tape, BATCH, 0.1, 0.2).loss(), weights)
                .assertCorrect(TOLERANCE);
    }

    @Test
    void every_weight_of_the_base_model_has_the_right_gradient() {
        TrainableWeights trainable = new TrainableWeights(store, _ -> true);
        Gpt2 model = new Gpt2(TINY, Weights.of(store, trainable), Projections.plain());
        assertThat(trainable.all()).as("2 embeddings, 12 tensors a block, the last norm").hasSize(2 + 2 * 12 + 2);
        check(model, trainable.all());
    }

    @Test
    void a_and_b_have_the_right_gradient_at_every_projection() {
        checkAdapter("all-linear", 8);
    }

    @Test
    void a_and_b_have_the_right_gradient_on_the_q_and_v_columns() {
        checkAdapter("c_attn[q,v]", 2);
    }

    private void checkAdapter(String targets, int projections) {
        LoraConfig config = LoraConfig.of(2, 6, targets).toBuilder().dropout(0.3).build();
        try (LoraAdapter adapter = LoraAdapter.fresh(config, store, 3)) {
            AdaptedModel<Gpt2> adapted = AdaptedModel.build(
                    store, List.of(adapter), (weights, factory) -> new Gpt2(TINY, weights, factory));
            List<Trainable> weights = adapted.trainables();
            assertThat(weights).hasSize(2 * projections);
            for (int i = 0; i < weights.size(); i++) {
                // B is not 0 as in a fresh adapter, or A would have no gradient
                backend.kernels().normal(weights.get(i).value(), 0, 0.3, new RandomKey(11, i));
            }
            check(adapted.model(), weights);
        }
    }
}
