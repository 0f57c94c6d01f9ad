package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two learning rates.
class LoraPlusTest {
    private Backend backend;
    private Pool pool;
    private WeightStore store;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
        store = new WeightStore(backend, WeightSource.random(11), DType.F64);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    /// Trains four steps; returns all trained numbers.
    private List<double[]> trained(Function<LoraAdapter, List<Optimizer>> optimizers, double... rates) {
        LoraConfig config = LoraConfig.of(2, 5, "c_attn").toBuilder()
                .bias(BiasMode.LORA_ONLY).init(LoraInit.RANDOM).build();
        LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
        AdaptedModel<TinyModel> model = AdaptedModel.build(store, List.of(adapter), TinyModel::new);
        List<Optimizer> all = optimizers.apply(adapter);
        Tensor x = Numbers.random(backend, DType.F64, Shape.of(7, TinyModel.WIDTH), 3);
        for (int step = 0; step < 4; step++) {
            try (Tape tape = Tape.training(pool, null)) {
                Activation loss = Sum.apply(tape, model.model().forward(tape, tape.constant(x)), 0.1);
                tape.backward(loss);
            }
            for (int i = 0; i < all.size(); i++) {
                all.get(i).step(rates[i], 1);
            }
        }
        return adapter.trainables().stream().map(weight -> Numbers.of(backend, weight.value())).toList();
    }

    private Optimizer adam(List<ParameterGroup> groups) {
        return new AdamW(backend, groups, AdamWConfig.defaults());
    }

    @Test
    void b_is_trained_as_by_an_optimizer_of_its_own_with_a_multiple_of_the_rate() {
        List<double[]> plus = trained(
                adapter -> List.of(adam(LoraPlus.groups(List.of(adapter), 0.01, 16))), 1e-3);
        List<double[]> two = trained(adapter -> {
            List<Trainable> b = new ArrayList<>();
            List<Trainable> others = new ArrayList<>();
            adapter.trainables().forEach(weight -> (weight.name().endsWith("lora_B") ? b : others).add(weight));
            return List.of(adam(List.of(new ParameterGroup(others, 0.01))), adam(List.of(new ParameterGroup(b, 0.01))));
        }, 1e-3, 16e-3);
        List<double[]> plain = trained(
                adapter -> List.of(adam(List.of(new ParameterGroup(adapter.trainables(), 0.01)))), 1e-3);
        List<double[]> one = trained(
                adapter -> List.of(adam(LoraPlus.groups(List.of(adapter), 0.01, 1))), 1e-3);

        for (int i = 0; i < plus.size(); i++) {
            assertThat(plus.get(i)).usingComparatorWithPrecision(1e-15).containsExactly(two.get(i));
            assertThat(one.get(i)).containsExactly(plain.get(i));
        }
        assertThat(plus.get(1)).isNotEqualTo(plain.get(1));
    }

    @Test
    void a_ratio_that_makes_no_sense_is_refused() {
        for (double ratio : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> LoraPlus.groups(List.of(), 0, ratio))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ratio of LoRA+");
        }
    }
}
