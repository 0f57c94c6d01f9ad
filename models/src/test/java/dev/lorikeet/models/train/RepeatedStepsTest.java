package dev.lorikeet.models.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.cuda.HostProvider;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.BaseType;
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
import dev.lorikeet.tensor.Function;
import dev.lorikeet.tensor.Pool;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Steps over batches of one shape ask a device for exactly the same, so that it can be given them as graphs.
final class RepeatedStepsTest {
    private static final int STEPS = 7;
    /// With dropout everywhere.
    private static final Gpt2Config SMALL = new Gpt2Config(
            97, 32, 32, 2, 2, 128, Function.GELU_TANH, 1e-5, 0.02, 0.1, 0.2, 0.1, true, false, true, -1);

    private long graphs;
    private long held;

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
        double[] expected = train("cpu", step -> List.of(batch(step, 9 + (int) step, 5)));
        double[] actual = train("cuda-on-host", step -> List.of(batch(step, 9 + (int) step, 5)));
        assertThat(actual).containsExactly(expected, within(2e-5));
        assertThat(graphs).isZero();
    }

    @Test
    void the_memory_that_a_device_has_to_have_is_known_before_it_is_asked() {
        long predicted;
        try (DryRunBackend dry = new DryRunBackend()) {
            train(dry, step -> List.of(batch(step, 9, 5)), () -> dry.allocatedBytes());
            predicted = held;
        }
        try (Backend backend = Backends.open("cuda-on-host")) {
            train(backend, step -> List.of(batch(step, 9, 5)), () -> 0);
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

    /// The losses; notes how many graphs the last step launched.
    private double[] train(String device, TrainingData<TokenBatch> data) {
        try (Backend backend = Backends.open(device)) {
            return train(backend, data, () -> 0);
        }
    }

    /// Notes what `memory` says after the last step as well.
    private double[] train(Backend backend, TrainingData<TokenBatch> data, LongSupplier memory) {
        try (Pool pool = new Pool(backend)) {
            WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F32, BaseType.STORED);
            LoraConfig config = LoraConfig.builder().rank(4).alpha(8).dropout(0.1)
                    .targets(Targets.parse("c_attn[q,v],c_fc")).build();
            try (LoraAdapter adapter = LoraAdapter.fresh(config, store, 9)) {
                AdaptedModel<Gpt2> adapted = AdaptedModel.build(
                        store, List.of(adapter), (weights, projections) -> new Gpt2(SMALL, weights, projections));
                AdamW optimizer = new AdamW(
                        backend, List.of(new ParameterGroup(adapted.trainables(), 0.01)), AdamWConfig.defaults());
                Trainer<TokenBatch> trainer = new Trainer<>(Objective.tokens(adapted.model()), pool, optimizer, data,
                        new TrainingSettings(STEPS, 0.01, Schedule.constant(0), 1, 0.1, 4, 0, 0));
                double[] losses = new double[STEPS];
                for (int step = 0; step < STEPS; step++) {
                    long before = graphLaunches(backend);
                    losses[step] = trainer.step().loss();
                    graphs = graphLaunches(backend) - before;
                }
                held = memory.getAsLong();
                return losses;
            }
        }
    }

    private static long graphLaunches(Backend backend) {
        return backend.device().kind().equals("cuda") ? HostProvider.graphLaunches(backend) : 0;
    }
}
