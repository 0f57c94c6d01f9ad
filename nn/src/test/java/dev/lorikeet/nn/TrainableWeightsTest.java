package dev.lorikeet.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TrainableWeightsTest {
    /// A base without a classification head.
    private static final class Headless implements WeightSource {
        private final WeightSource all = WeightSource.random(7);

        @Override
        public Tensor load(Backend backend, String path, Shape shape, Initializer initializer) {
            return all.load(backend, path, shape, initializer);
        }

        @Override
        public boolean has(String path) {
            return !path.startsWith("classifier");
        }
    }

    private static final Shape SHAPE = Shape.of(3, 2);

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final WeightStore store = new WeightStore(engine.backend(), new Headless(), DType.F64);

    private Weight get(WeightOverrides overrides, String path) {
        return Weights.of(store, overrides).get(path, SHAPE, Initializer.normal(1));
    }

    @Test
    void chosen_weights_start_as_copies_and_the_others_stay_frozen() {
        TrainableWeights weights = new TrainableWeights(store, "a"::equals);
        Weight a = get(weights, "a");
        assertThat(a).isInstanceOf(Trainable.class);
        assertThat(get(weights, "b")).isInstanceOf(Frozen.class);
        Weight base = get(WeightOverrides.none(), "a");
        assertThat(engine.numbers(a.value())).isEqualTo(engine.numbers(base.value()));
        engine.backend().kernels().fill(a.value(), 0);
        assertThat(engine.numbers(base.value())).as("the base keeps its own").doesNotContain(0);
    }

    @Test
    void a_weight_that_is_asked_for_twice_is_one_weight() {
        TrainableWeights weights = new TrainableWeights(store, _ -> true);
        assertThat(get(weights, "a")).isSameAs(get(weights, "a"));
        get(weights, "b");
        assertThat(weights.all()).extracting(Trainable::name).containsExactly("a", "b");
    }

    @Test
    void what_the_base_lacks_is_initialised_from_the_seed_and_the_path() {
        double[] first = engine.numbers(get(new TrainableWeights(store, _ -> true, 1), "classifier").value());
        double[] again = engine.numbers(get(new TrainableWeights(store, _ -> true, 1), "classifier").value());
        double[] other = engine.numbers(get(new TrainableWeights(store, _ -> true, 2), "classifier").value());
        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }
}
