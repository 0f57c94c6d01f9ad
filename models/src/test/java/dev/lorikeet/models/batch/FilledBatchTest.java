package dev.lorikeet.models.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.check.PoisonedBackend;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What fills a batch up changes neither its loss nor a gradient: in F64, with dropout everywhere and every weight
/// trained, on memory that is NaN until it is written.
class FilledBatchTest {
    private static final int VOCABULARY = 31;
    /// 37 tokens, which become 40.
    private static final int[] LENGTHS = {9, 3, 12, 1, 7, 5};
    private static final Gpt2Config GPT2 = new Gpt2Config(
            VOCABULARY, 16, 12, 2, 3, 20, UnaryFunction.GELU_TANH, 1e-5, 0.3, 0.1, 0.2, 0.1, true, true, true, -1);
    private static final RobertaConfig ROBERTA =
            RobertaConfig.fresh(new FreshModel(VOCABULARY, 14, 12, 2, 3, -1)).withDropout(0.2);

    private Backend backend;
    private TrainableWeights trainable;
    private Weights weights;

    @BeforeEach
    void open() {
        backend = new PoisonedBackend(Backends.open("scalar"));
        WeightStore store = new WeightStore(backend, WeightSource.random(7), DType.F64);
        trainable = new TrainableWeights(store, _ -> true);
        weights = Weights.of(store, trainable);
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private static TokenBatch tokens(int... lengths) {
        Random random = new Random(3);
        List<int[]> tokens = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (int length : lengths) {
            tokens.add(random.ints(length, 3, VOCABULARY).toArray());
            labels.add(tokens.getLast().clone());
            Arrays.fill(labels.getLast(), 0, length / 3, TokenBatch.IGNORED);
        }
        return TokenBatch.of(tokens, labels);
    }

    /// As a masked model wants it: row `t` predicts token `t`, the middle text hides none.
    private static TokenBatch hidden() {
        TokenBatch plain = tokens(LENGTHS);
        int[] rows = {1, 4, 8, 9, 25, 31, 36};
        return new TokenBatch(plain.ids(), plain.positions(), plain.sequences(), rows,
                Arrays.stream(rows).map(row -> row % VOCABULARY).toArray());
    }

    @FunctionalInterface
    private interface Loss<B> {
        Activation of(Tape tape, B batch);
    }

    private <B extends Batch<B>> void unchanged(B batch, Loss<B> loss) {
        List<double[]> expected = step(batch, loss);
        List<double[]> actual = step(batch.filledUp(), loss);
        assertThat(batch.filledUp().tokens()).isEqualTo(batch.tokens());
        assertThat(batch.filledUp().labelled()).isEqualTo(batch.labelled());
        assertThat(expected.getFirst()[0]).isFinite().isNotZero();
        for (int i = 0; i < expected.size(); i++) {
            double largest = Arrays.stream(expected.get(i)).map(Math::abs).max().orElseThrow();
            assertThat(actual.get(i)).as(i == 0 ? "loss" : trainable.all().get(i - 1).name())
                    .containsExactly(expected.get(i), within(1e-12 * (1 + largest)));
        }
    }

    /// The loss, then the gradient of every weight.
    private <B> List<double[]> step(B batch, Loss<B> loss) {
        List<double[]> results = new ArrayList<>();
        try (Pool pool = new Pool(backend); Tape tape = Tape.training(pool, new RandomKey(5, 1 << 20))) {
            Activation sum = loss.of(tape, batch);
            tape.backward(sum);
            results.add(HostValues.doubles(backend, sum.value()));
            for (Trainable weight : trainable.all()) {
                results.add(HostValues.doubles(backend, weight.grad()));
                weight.clearGrad();
            }
        }
        return results;
    }

    @Test
    void of_a_language_model() {
        Gpt2 model = new Gpt2(GPT2, weights, Projections.plain());
        assertThat(tokens(LENGTHS).filledUp().ids()).hasSize(40);
        unchanged(tokens(LENGTHS), (tape, batch) -> model.loss(tape, batch, 0.1, 0.3).loss());
    }

    @Test
    void of_a_classifier_of_pairs() {
        var model = ROBERTA.withLabels(3).classifier().build(weights, Projections.plain());
        List<int[]> pairs = List.of(new int[] {0, 5, 9, 2, 2, 7, 2}, new int[] {0, 4, 2, 2, 8, 8, 8, 6, 2},
                new int[] {0, 11, 2, 2, 3, 2}, new int[] {0, 5, 2, 2, 6, 5, 4, 10, 12, 14, 2});
        LabelledBatch batch = LabelledBatch.of(pairs, 2, 0, 1, 1);
        assertThat(batch.filledUp().text().ids()).hasSizeGreaterThan(batch.text().ids().length);
        unchanged(batch, (tape, each) -> model.loss(tape, each, 0.1, 0.25));
    }

    @Test
    void of_a_regression() {
        var model = ROBERTA.withLabels(1).classifier().build(weights, Projections.plain());
        LabelledBatch batch = new LabelledBatch(tokens(LENGTHS), new double[] {0.5, -1, 2, 3.25, 0, 1});
        unchanged(batch, (tape, each) -> model.loss(tape, each, 0, 0.25));
    }

    @Test
    void of_a_masked_language_model() {
        var model = ROBERTA.maskedLm().build(weights, Projections.plain());
        assertThat(hidden().filledUp().rows()).hasSize(8);
        unchanged(hidden(), (tape, batch) -> model.loss(tape, batch, 0.1, 0.3).loss());
    }

    @Test
    void of_a_masked_language_model_whose_labels_alone_are_filled_up() {
        var model = ROBERTA.maskedLm().build(weights, Projections.plain());
        TokenBatch whole = tokens(9, 3, 12, 1, 7, 8);
        TokenBatch batch = new TokenBatch(whole.ids(), whole.positions(), whole.sequences(),
                new int[] {1, 4, 8, 9, 39}, new int[] {5, 6, 30, 0, 9});
        assertThat(batch.filledUp().ids()).hasSameSizeAs(batch.ids());
        assertThat(batch.filledUp().rows()).hasSize(8);
        unchanged(batch, (tape, each) -> model.loss(tape, each, 0, 0.3).loss());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 9, 16, 17, 100, 256, 257, 511, 512, 513, 1000, 1025, 3000, 4096, 10_001})
    void less_than_an_eighth_fills_a_batch_up_and_of_large_ones_less_than_a_sixteenth(int rows) {
        TokenBatch batch = TokenBatch.of(List.of(new int[rows]));
        int filled = batch.filledUp().ids().length;
        assertThat(filled).isBetween(rows, rows + rows / (rows > 512 ? 16 : 8));
        assertThat(batch.filledUp().filledUp().ids()).as("filled up already").hasSize(filled);
    }

    @Test
    void what_fills_a_batch_up_is_never_longer_than_its_own_sequences() {
        Random random = new Random(4);
        for (int i = 0; i < 300; i++) {
            TokenBatch batch = tokens(random.ints(1 + random.nextInt(40), 1, 70).toArray());
            Sequences filled = batch.filledUp().sequences();
            assertThat(filled.longest()).isEqualTo(batch.sequences().longest());
            assertThat(filled.tokens()).isEqualTo(batch.filledUp().ids().length);
            assertThat(IntStream.range(0, filled.realCount()).map(filled::length))
                    .containsExactlyElementsOf(IntStream.range(0, batch.sequences().count())
                            .map(batch.sequences()::length).boxed().toList());
        }
    }

    @Test
    void batches_of_a_run_have_few_shapes() {
        Random random = new Random(5);
        Set<Object> plain = new HashSet<>();
        Set<Object> filled = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            TokenBatch batch = tokens(random.ints(8, 30, 70).toArray());
            plain.add(batch.shape());
            filled.add(batch.filledUp().shape());
        }
        assertThat(plain).hasSizeGreaterThan(90);
        assertThat(filled).hasSizeLessThan(20);
    }
}
