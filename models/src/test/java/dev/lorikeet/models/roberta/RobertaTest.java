package dev.lorikeet.models.roberta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TapeReport;
import dev.lorikeet.autograd.Traced;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RobertaTest {
    private static final int[] LONG = {0, 5, 7, 9, 11, 2, 2, 4, 6, 2};
    private static final int[] SHORT = {0, 3, 2};

    private final Backend backend = Backends.open("cpu");
    private final WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F32);

    @AfterEach
    void close() {
        backend.close();
    }

    private RobertaClassifier frozen() {
        return TinyRoberta.config(3).classifier()
                .build(Weights.of(store, WeightOverrides.none()), Projections.plain());
    }

    private double[] logits(RobertaClassifier model, int[]... texts) {
        try (Pool pool = new Pool(backend); Tape tape = Tape.inference(pool)) {
            TokenBatch batch = TokenBatch.unlabelled(List.of(texts));
            return HostValues.doubles(backend, model.logits(tape, batch).value());
        }
    }

    @Test
    void a_text_has_the_same_logits_alone_and_among_others() {
        RobertaClassifier model = frozen();
        double[] together = logits(model, SHORT, LONG, SHORT);

        assertThat(Arrays.copyOf(together, 3)).containsExactly(logits(model, SHORT), within(1e-6));
        assertThat(Arrays.copyOfRange(together, 3, 6)).containsExactly(logits(model, LONG), within(1e-6));
        assertThat(Arrays.copyOfRange(together, 6, 9)).containsExactly(Arrays.copyOf(together, 3), within(1e-6));
    }

    @Test
    void the_last_block_computes_the_first_rows_alone() {
        try (Pool pool = new Pool(backend); Tape tape = Tape.traced(pool, null)) {
            frozen().logits(tape, TokenBatch.unlabelled(List.of(LONG, SHORT)));

            assertThat(tape.trace()).filteredOn(traced -> traced.op() == Elementwise.class)
                    .extracting(Traced::output).extracting(output -> output.shape())
                    .containsExactly(
                            Shape.of(LONG.length + SHORT.length, TinyRoberta.INTERMEDIATE),
                            Shape.of(2, TinyRoberta.INTERMEDIATE), Shape.of(2, 6));
        }
    }

    @Test
    void nothing_is_saved_below_the_first_adapter() {
        LoraConfig config = LoraConfig.builder().rank(2).alpha(4)
                .targets(Targets.parse("roberta.encoder.layer.1.attention.self.value"))
                .modulesToSave(List.of("classifier", "score")).build();
        try (Pool pool = new Pool(backend); Tape tape = Tape.training(pool, null);
                LoraAdapter adapter = LoraAdapter.fresh(config, store, 1)) {
            AdaptedModel<RobertaClassifier> adapted = AdaptedModel.build(
                    store, List.of(adapter), TinyRoberta.config(3).classifier()::build);
            adapted.model().loss(tape, LabelledBatch.of(List.of(LONG, SHORT), 1, 2), 0, 0.5);

            assertThat(tape.report().lines()).extracting(TapeReport.Line::op, TapeReport.Line::count)
                    .as("of two blocks, one attention and two norms; nothing of the embeddings")
                    .contains(
                            tuple("Attention", 1), tuple("LayerNorm", 2))
                    .extracting(line -> line.toList().getFirst()).doesNotContain("EmbeddingSum");
        }
    }

    @Test
    void the_padding_rows_are_looked_up_but_not_trained() {
        TrainableWeights trainable = new TrainableWeights(store, path -> path.contains("embeddings"));
        RobertaClassifier model = TinyRoberta.config(3).classifier()
                .build(Weights.of(store, trainable), Projections.plain());
        int[] padded = {0, 5, TinyRoberta.PADDING, 7, 2};
        try (Pool pool = new Pool(backend); Tape tape = Tape.training(pool, null)) {
            tape.backward(model.loss(tape, LabelledBatch.of(List.of(padded), 1), 0, 1));
        }

        for (Trainable table : trainable.all().subList(0, 2)) {
            double[] gradient = HostValues.doubles(backend, table.grad());
            assertThat(Arrays.copyOfRange(gradient, 6 * TinyRoberta.PADDING, 6 * TinyRoberta.PADDING + 6))
                    .as(table.name()).containsOnly(0);
            assertThat(Arrays.stream(gradient)).as(table.name()).anyMatch(value -> value != 0);
        }
        assertThat(logits(model, padded)).isNotEqualTo(logits(model, new int[] {0, 5, 8, 7, 2}));
    }

    @Test
    void adapters_train_and_the_base_stays_as_it_was() {
        LoraConfig config = LoraConfig.of(2, 4, "query,value").toBuilder()
                .modulesToSave(List.of("classifier", "score")).build();
        try (Pool pool = new Pool(backend); LoraAdapter adapter = LoraAdapter.fresh(config, store, 1)) {
            AdaptedModel<RobertaClassifier> adapted = AdaptedModel.build(
                    store, List.of(adapter), TinyRoberta.config(3).classifier()::build);
            List<double[]> before = base();
            for (int step = 0; step < 2; step++) {
                adapted.trainables().forEach(Trainable::clearGrad);
                try (Tape tape = Tape.training(pool, null)) {
                    tape.backward(adapted.model().loss(tape, LabelledBatch.of(List.of(LONG, SHORT), 1, 2), 0, 0.5));
                }
                adapted.trainables().forEach(weight ->
                        backend.kernels().axpby(weight.value(), -0.1, weight.grad(), 1));
            }
            for (Trainable weight : adapted.trainables()) {
                assertThat(Arrays.stream(HostValues.doubles(backend, weight.grad()))).as(weight.name())
                        .allMatch(Double::isFinite).anyMatch(value -> value != 0);
            }
            List<double[]> after = base();
            for (int i = 0; i < before.size(); i++) {
                assertThat(after.get(i)).containsExactly(before.get(i));
            }
        }
    }

    @Test
    void blocks_that_are_computed_again_give_the_same_gradients() {
        LoraConfig config = LoraConfig.of(2, 4, "query,value").toBuilder()
                .dropout(0.1).modulesToSave(List.of("classifier", "score")).build();
        try (Pool pool = new Pool(backend); LoraAdapter adapter = LoraAdapter.fresh(config, store, 1)) {
            AdaptedModel<RobertaClassifier> adapted = AdaptedModel.build(
                    store, List.of(adapter), TinyRoberta.config(3).classifier()::build);
            List<List<double[]>> gradients = new ArrayList<>();
            for (boolean again : new boolean[] {false, true}) {
                adapted.trainables().forEach(Trainable::clearGrad);
                RandomKey random = new RandomKey(5, 9);
                try (Tape tape = again ? Tape.recomputing(pool, random) : Tape.training(pool, random)) {
                    tape.backward(adapted.model().loss(tape, LabelledBatch.of(List.of(LONG, SHORT), 1, 2), 0, 0.5));
                }
                gradients.add(adapted.trainables().stream()
                        .map(weight -> HostValues.doubles(backend, weight.grad())).toList());
            }
            for (int i = 0; i < gradients.getFirst().size(); i++) {
                assertThat(gradients.get(1).get(i)).containsExactly(gradients.get(0).get(i));
            }
        }
    }

    private List<double[]> base() {
        return store.all().stream().map(Frozen::value).map(value -> HostValues.doubles(backend, value)).toList();
    }

    @Test
    void a_text_without_tokens_has_no_class() {
        assertThatThrownBy(() -> logits(frozen(), SHORT, new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("text 1 of the batch has no token");
    }

    @Test
    void a_text_may_be_as_long_as_the_positions_behind_the_padding_row() {
        int longest = TinyRoberta.config(3).maxPositions();
        assertThat(longest).isEqualTo(14);
        assertThat(logits(frozen(), new int[longest])).hasSize(3);
        assertThatThrownBy(() -> logits(frozen(), new int[longest + 1]))
                .hasMessageContaining("15 tokens").hasMessageContaining("14");
    }
}
