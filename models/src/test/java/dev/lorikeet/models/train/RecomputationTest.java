package dev.lorikeet.models.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TapeReport;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
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
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecomputationTest {
    /// With dropout everywhere.
    private static final Gpt2Config SMALL = new Gpt2Config(
            301, 64, 48, 4, 4, 192, UnaryFunction.GELU_TANH, 1e-5, 0.02, 0.1, 0.2, 0.1, true, false, true, -1);
    private static final List<TokenBatch> WINDOW = List.of(
            TokenBatch.of(List.of(new int[] {5, 300, 17, 200, 9, 9, 41, 120, 77, 3, 250, 8}, new int[] {1, 66, 91})),
            TokenBatch.of(List.of(new int[] {14, 33, 2, 108, 260, 12, 5})));

    private final Backend backend = Backends.open("cpu");
    private final List<Long> peaks = new ArrayList<>();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void training_is_the_same_bit_for_bit_and_needs_less_memory() {
        List<double[]> plain = train(false, BaseDType.STORED);
        List<double[]> again = train(true, BaseDType.STORED);

        assertThat(again).hasSameSizeAs(plain);
        for (int i = 0; i < plain.size(); i++) {
            assertThat(again.get(i)).containsExactly(plain.get(i));
        }
        assertThat(plain.getFirst()[5]).as("loss").isLessThan(plain.getFirst()[0]);
        assertThat(peaks.get(1)).isLessThan(peaks.get(0) * 3 / 4);
    }

    @Test
    void a_base_in_bytes_can_be_trained_over_in_little_memory() {
        double[] losses = train(true, BaseDType.INT8).getFirst();
        assertThat(losses[5]).isLessThan(losses[0]);
    }

    @Test
    void a_block_saves_its_input_alone() {
        WeightStore store = store(BaseDType.STORED);
        try (Pool pool = new Pool(backend); Tape tape = Tape.recomputing(pool, null);
                LoraAdapter adapter = adapter(store)) {
            TokenBatch batch = WINDOW.getFirst();
            adapted(adapter, store).model().loss(tape, batch, 0, 1);
            TapeReport report = tape.report();
            long input = 3072;   // 15 rows of 48 floats are 2880 bytes, in the pool's next size
            assertThat(report.lines())
                    .contains(new TapeReport.Line("Recompute", SMALL.nLayer(), SMALL.nLayer() * input))
                    .extracting(TapeReport.Line::op).doesNotContain("Linear", "SelfAttention", "LowRankDelta");
        }
    }

    /// Six losses, then every weight of the adapter.
    private List<double[]> train(boolean recompute, BaseDType type) {
        WeightStore store = store(type);
        try (Pool pool = new Pool(backend); LoraAdapter adapter = adapter(store)) {
            AdaptedModel<Gpt2> adapted = adapted(adapter, store);
            AdamW optimizer = new AdamW(
                    backend, List.of(new ParameterGroup(adapted.trainables(), 0.01)), AdamWConfig.defaults());
            Trainer<TokenBatch> trainer = new Trainer<>(Objective.tokens(adapted.model()), pool, optimizer, _ -> WINDOW,
                    new TrainingSettings(6, 0.01, Schedule.constant(0), 1, 0.1, 4, 0, 0, recompute));
            List<double[]> numbers = new ArrayList<>();
            double[] losses = new double[6];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = trainer.step().loss();
            }
            numbers.add(losses);
            for (Trainable weight : adapted.trainables()) {
                numbers.add(HostValues.doubles(backend, weight.value()));
            }
            assertThat(pool.usedBytes()).isZero();
            peaks.add(pool.peakBytes());
            return numbers;
        }
    }

    private WeightStore store(BaseDType type) {
        return new WeightStore(backend, WeightSource.random(3), DType.F32, type);
    }

    private static LoraAdapter adapter(WeightStore store) {
        Targets targets = Targets.parse("c_attn[q,v],c_fc");
        LoraConfig config = LoraConfig.builder().rank(4).alpha(8).dropout(0.1).targets(targets).build();
        return LoraAdapter.fresh(config, store, 9);
    }

    private static AdaptedModel<Gpt2> adapted(LoraAdapter adapter, WeightStore store) {
        return AdaptedModel.build(
                store, List.of(adapter), (weights, projections) -> new Gpt2(SMALL, weights, projections));
    }
}
