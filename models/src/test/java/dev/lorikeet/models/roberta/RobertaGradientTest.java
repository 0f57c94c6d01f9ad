package dev.lorikeet.models.roberta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.models.batch.LabelledBatch;
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
import dev.lorikeet.tensor.Sequences;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The whole model's gradients against finite differences: what golden tensors cannot show, dropout included.
class RobertaGradientTest {
    private static final LabelledBatch CLASSES =
            LabelledBatch.of(List.of(new int[] {0, 5, 7, 9, 2}, new int[] {0, 3, 2}), 2, 0);
    private static final LabelledBatch NUMBERS =
            LabelledBatch.of(List.of(new int[] {0, 5, 7, 9, 2}, new int[] {0, 3, 2}), 1.25, -0.5);
    /// The middle text hides nothing.
    private static final TokenBatch HIDDEN = new TokenBatch(
            new int[] {0, 5, 7, 9, 2, 0, 4, 2, 0, 3, 2}, new int[11], Sequences.of(5, 3, 3),
            new int[] {1, 3, 9}, new int[] {6, 9, 8});
    private static final int ELEMENTS = 4;
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

    private void check(Function<Tape, Activation> loss, List<Trainable> weights) {
        GradCheck.on(backend)
                .withRandom(new RandomKey(5, 77))
                .sampling(ELEMENTS)
                .check(loss::apply, weights)
                .assertCorrect(TOLERANCE);
    }

    @Test
    void every_weight_of_a_classifier_has_the_right_gradient() {
        TrainableWeights trainable = new TrainableWeights(store, _ -> true);
        RobertaClassifier model = TinyRoberta.config(3).classifier()
                .build(Weights.of(store, trainable), Projections.plain());

        assertThat(trainable.all()).as("3 embeddings and a norm, 16 tensors a block, the head").hasSize(5 + 2 * 16 + 4);
        check(tape -> model.loss(tape, CLASSES, 0.1, 0.5), trainable.all());
    }

    @Test
    void every_weight_of_a_regression_has_the_right_gradient() {
        TrainableWeights trainable = new TrainableWeights(store, _ -> true);
        RobertaClassifier model = TinyRoberta.config(1).classifier()
                .build(Weights.of(store, trainable), Projections.plain());

        check(tape -> model.loss(tape, NUMBERS, 0, 0.5), trainable.all());
    }

    @Test
    void every_weight_of_a_masked_language_model_has_the_right_gradient_though_a_text_hides_nothing() {
        TrainableWeights trainable = new TrainableWeights(store, _ -> true);
        RobertaMaskedLm model = TinyRoberta.config(3).maskedLm()
                .build(Weights.of(store, trainable), Projections.plain());

        assertThat(trainable.all()).as("the decoder is the word table").hasSize(5 + 2 * 16 + 5);
        check(tape -> model.loss(tape, HIDDEN, 0.1, 0.5).loss(), trainable.all());
    }

    @Test
    void a_and_b_and_the_head_have_the_right_gradient() {
        LoraConfig config = LoraConfig.of(2, 6, "all-linear").toBuilder()
                .dropout(0.3).modulesToSave(List.of("classifier", "score")).build();
        try (LoraAdapter adapter = LoraAdapter.fresh(config, store, 3)) {
            AdaptedModel<RobertaClassifier> adapted = AdaptedModel.build(
                    store, List.of(adapter), TinyRoberta.config(3).classifier()::build);
            List<Trainable> weights = adapted.trainables();

            assertThat(weights).as("A and B of 6 projections a block, 4 of the head").hasSize(2 * 12 + 4);
            for (int i = 0; i < weights.size(); i++) {
                // B is not 0 as in a fresh adapter, or A would have no gradient
                backend.kernels().normal(weights.get(i).value(), 0, 0.3, new RandomKey(11, i));
            }
            check(tape -> adapted.model().loss(tape, CLASSES, 0, 0.5), weights);
        }
    }
}
