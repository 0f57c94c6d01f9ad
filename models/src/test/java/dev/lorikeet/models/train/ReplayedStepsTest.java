package dev.lorikeet.models.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.cuda.HostProvider;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.DryRunBackend;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Steps over batches of one shape ask a device for exactly the same, so that it can be given them as graphs.
final class ReplayedStepsTest {
    private static final int STEPS = 12;
    /// With dropout everywhere.
    private static final Gpt2Config SMALL = new Gpt2Config(
            97, 48, 32, 2, 2, 128, UnaryFunction.GELU_TANH, 1e-5, 0.02, 0.1, 0.2, 0.1, true, false, true, -1);
    private static final Architecture<Gpt2> GPT2 =
            new Architecture<>((weights, projections) -> new Gpt2(SMALL, weights, projections));
    private static final String ADAPTED = "c_attn[q,v],c_fc";
    private static final Architecture<RobertaClassifier> ROBERTA =
            RobertaConfig.fresh(new FreshModel(97, 32, 32, 2, 2, -1)).withDropout(0.1).withLabels(3).classifier();

    private long graphs;
    private double repeated;

    @BeforeEach
    void compile() {
        assumeTrue(new HostProvider().refusal().isEmpty(), "needs g++ on the PATH");
    }

    @Test
    void steps_of_one_shape_become_graphs_and_train_as_on_the_processor() {
        double[] expected = train("cpu", step -> List.of(batch(step, 9, 5)));
        double[] actual = train("cuda-on-host", step -> List.of(batch(step, 9, 5)));
        assertThat(actual).containsExactly(expected, within(2e-5));
        assertThat(expected[STEPS - 1]).isNotEqualTo(expected[0]);
        assertThat(graphs).as("graphs of the last step").isPositive();
    }

    @Test
    void micro_batches_that_add_to_a_gradient_have_graphs_of_their_own() {
        double[] expected = train("cpu", step -> List.of(batch(step, 9, 5), batch(step + 50, 9, 5)));
        double[] actual = train("cuda-on-host", step -> List.of(batch(step, 9, 5), batch(step + 50, 9, 5)));
        assertThat(actual).containsExactly(expected, within(2e-5));
        assertThat(graphs).as("graphs of the last step").isPositive();
    }

    @Test
    void steps_of_ever_new_shapes_are_launched_as_they_are() {
        TrainingData<TokenBatch> data = step -> List.of(batch(step, 9 + 3 * (int) step, 5));
        double[] expected = train("cpu", data);
        double[] actual = train("cuda-on-host", data);
        assertThat(actual).containsExactly(expected, within(2e-5));
        assertThat(graphs).isZero();
    }

    /// Four sequences whose lengths nobody saw before, some of their tokens unlabelled.
    private static TokenBatch ragged(long step) {
        List<int[]> tokens = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (int s = 0; s < 4; s++) {
            int[] ids = new int[10 + (int) ((step * 7 + s * 5) % 6)];
            Arrays.setAll(ids, i -> (int) ((step * 31 + i * 7L + ids.length) % 97));
            tokens.add(ids);
            labels.add(ids.clone());
            Arrays.fill(labels.getLast(), 0, 3 + s, TokenBatch.IGNORED);
        }
        return TokenBatch.of(tokens, labels);
    }

    @Test
    void ragged_batches_are_filled_up_become_graphs_and_train_as_on_the_processor() {
        TrainingData<TokenBatch> data = step -> List.of(ragged(step));
        double[] expected = train("cpu", data);
        double[] actual = train("cuda-on-host", data);
        assertThat(actual).containsExactly(expected, within(2e-5));
        assertThat(graphs).as("graphs of the last step").isPositive();
        assertThat(repeated).as("share of the steps").isGreaterThan(0.4);
        assertThat(train("cuda-on-host:nographs", data)).containsExactly(expected, within(2e-5));
        assertThat(graphs).as("no graphs are wanted").isZero();
    }

    @Test
    void ragged_micro_batches_add_up_to_the_gradient_of_their_window() {
        TrainingData<TokenBatch> data = step -> List.of(ragged(step), ragged(step + 101), batch(step, 7, 2));
        double[] expected = train("cpu", data);
        assertThat(train("cuda-on-host", data)).containsExactly(expected, within(2e-5));
        assertThat(repeated).as("share of the steps").isGreaterThan(0.4);
    }

    /// Pairs of texts with a class each.
    private static LabelledBatch pairs(long step) {
        List<int[]> texts = ragged(step).split(1).stream().map(text -> {
            int[] ids = text.ids().clone();
            ids[0] = 0;
            ids[ids.length / 2] = 2;
            ids[ids.length / 2 + 1] = 2;
            return ids;
        }).toList();
        return LabelledBatch.of(texts, step % 3, 1, (step + 1) % 3, 2);
    }

    @Test
    void ragged_pairs_are_filled_up_for_a_classifier() {
        for (int micros : new int[] {1, 2}) {
            TrainingData<LabelledBatch> data = step ->
                    LongStream.range(0, micros).mapToObj(micro -> pairs(step * micros + micro)).toList();
            double[] expected = train("cpu", data, RobertaClassifier::loss, ROBERTA, "query,value");
            double[] actual = train("cuda-on-host", data, RobertaClassifier::loss, ROBERTA, "query,value");
            assertThat(actual).containsExactly(expected, within(2e-5));
            assertThat(expected[STEPS - 1]).isNotEqualTo(expected[0]);
            assertThat(repeated).as("share of the steps").isGreaterThan(0.4);
        }
    }

    @Test
    void the_memory_that_a_device_has_to_have_is_known_before_it_is_asked() {
        long predicted;
        try (Backend like = Backends.open("cuda-on-host"); DryRunBackend dry = new DryRunBackend(like)) {
            train(dry, step -> List.of(ragged(step)), ReplayedStepsTest::loss, GPT2, ADAPTED);
            predicted = dry.peakBytes().orElseThrow();
        }
        try (Backend backend = Backends.open("cuda-on-host")) {
            train(backend, step -> List.of(ragged(step)), ReplayedStepsTest::loss, GPT2, ADAPTED);
            long workspace = backend.workspaceBytes();
            assertThat(backend.peakBytes().orElseThrow() - workspace).isEqualTo(predicted);
            assertThat(workspace).isLessThan(predicted / 4);
        }
    }

    /// Other tokens in each step, but as many.
    private static TokenBatch batch(long step, int... lengths) {
        return TokenBatch.of(Arrays.stream(lengths).mapToObj(length -> {
            int[] ids = new int[length];
            Arrays.setAll(ids, i -> (int) ((step * 31 + i * 7L + length) % 97));
            return ids;
        }).toList());
    }

    /// The losses of a GPT-2; notes how many graphs the last step launched.
    private double[] train(String device, TrainingData<TokenBatch> data) {
        return train(device, data, ReplayedStepsTest::loss, GPT2, ADAPTED);
    }

    private static Activation loss(Gpt2 model, Tape tape, TokenBatch batch, double smoothing, double scale) {
        return model.loss(tape, batch, smoothing, scale).loss();
    }

    /// [Objective] of a model.
    @FunctionalInterface
    private interface Loss<M, B> {
        Activation of(M model, Tape tape, B batch, double smoothing, double scale);
    }

    private <M, B extends Batch<B>> double[] train(
            String device, TrainingData<B> data, Loss<M, B> loss, Architecture<M> architecture, String targets) {
        try (Backend backend = Backends.open(device)) {
            return train(backend, data, loss, architecture, targets);
        }
    }

    private <M, B extends Batch<B>> double[] train(
            Backend backend, TrainingData<B> data, Loss<M, B> loss, Architecture<M> architecture, String targets) {
        try (Pool pool = new Pool(backend)) {
            WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F32, BaseDType.STORED);
            LoraConfig config = LoraConfig.builder().rank(4).alpha(8).dropout(0.1)
                    .targets(Targets.parse(targets)).build();
            try (LoraAdapter adapter = LoraAdapter.fresh(config, store, 9)) {
                AdaptedModel<M> adapted = AdaptedModel.build(store, List.of(adapter), architecture::build);
                AdamW optimizer = new AdamW(
                        backend, List.of(new ParameterGroup(adapted.trainables(), 0.01)), AdamWConfig.defaults());
                Trainer<B> trainer = new Trainer<>(
                        (tape, batch, smoothing, scale) -> loss.of(adapted.model(), tape, batch, smoothing, scale),
                        pool, optimizer, data,
                        new TrainingSettings(STEPS, 0.01, Schedule.constant(0), 1, 0.1, 4, 0, 0));
                double[] losses = new double[STEPS];
                for (int step = 0; step < STEPS; step++) {
                    long before = graphLaunches(backend);
                    losses[step] = trainer.step().loss();
                    graphs = graphLaunches(backend) - before;
                }
                repeated = backend.replayedShare().orElse(0);
                return losses;
            }
        }
    }

    private static long graphLaunches(Backend backend) {
        return backend.replayedShare().isPresent() ? HostProvider.graphLaunches(backend) : 0;
    }
}
