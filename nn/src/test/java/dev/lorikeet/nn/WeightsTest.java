package dev.lorikeet.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WeightsTest {
    private static final Shape TABLE = Shape.of(5, 3);

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final WeightStore store = new WeightStore(engine.backend(), WeightSource.random(7), DType.F64);

    private Weight head(Weights root) {
        Weight table = root.at("wte").get("weight", TABLE, Initializer.normal(1), WeightOrder.OUT_IN);
        return root.at("head").tied("weight", table, "wte.weight",
                () -> store.get("wte.weight", TABLE, Initializer.normal(1), WeightOrder.OUT_IN));
    }

    private Weight table() {
        return store.get("wte.weight", TABLE, Initializer.normal(1), WeightOrder.OUT_IN);
    }

    @Test
    void a_path_names_the_weight() {
        Weights block = Weights.of(store, WeightOverrides.none()).at("h").at("3");
        assertThat(block.path()).isEqualTo("h.3");
        assertThat(block.get("ln.weight", Shape.of(3), Initializer.ones()).name()).isEqualTo("h.3.ln.weight");
        assertThat(Weights.of(store, WeightOverrides.none()).get("bias", Shape.of(1), Initializer.zeros()).name())
                .isEqualTo("bias");
    }

    @Test
    void a_tied_weight_is_the_other_one() {
        assertThat(head(Weights.of(store, WeightOverrides.none()))).isSameAs(table());
    }

    @Test
    void a_tied_weight_follows_a_trainable_one() {
        TrainableWeights trained = new TrainableWeights(store, "wte.weight"::equals);
        Weight head = head(Weights.of(store, trained));
        assertThat(trained.all()).singleElement().isSameAs(head);
        assertThat(head.value().storage()).isNotSameAs(table().value().storage());
    }

    @Test
    void an_override_of_the_tied_name_is_a_copy_of_its_own() {
        TrainableWeights trained = new TrainableWeights(store, "head.weight"::equals);
        Weight head = head(Weights.of(store, trained));
        assertThat(head).isInstanceOf(Trainable.class);
        assertThat(head.name()).isEqualTo("head.weight");
        assertThat(engine.numbers(head.value())).isEqualTo(engine.numbers(table().value()));
        assertThat(head.value().storage()).isNotSameAs(table().value().storage());
    }

    @Test
    void a_tied_weight_stays_the_bases_where_the_other_ones_override_is_not_meant_for_it() {
        Trainable replaced = engine.trainable("wte.weight", 5, 3);
        List<String> asked = new ArrayList<>();
        WeightOverrides overrides = new WeightOverrides() {
            @Override
            public Optional<Weight> at(WeightRequest wanted) {
                return wanted.path().equals("wte.weight") ? Optional.of(replaced) : Optional.empty();
            }

            @Override
            public boolean unties(String path, String to) {
                asked.add(path + " ~ " + to);
                return true;
            }
        };
        assertThat(head(Weights.of(store, overrides))).isInstanceOf(Frozen.class).isSameAs(table());
        assertThat(asked).containsExactly("head.weight ~ wte.weight");
    }

    @Test
    void a_second_name_is_told_with_both_paths() {
        List<String> told = new ArrayList<>();
        WeightOverrides overrides = new WeightOverrides() {
            @Override
            public Optional<Weight> at(WeightRequest wanted) {
                return Optional.empty();
            }

            @Override
            public void repeats(String path, String of) {
                told.add(path + " = " + of);
            }
        };
        Weights.of(store, overrides).at("lm_head").repeats("decoder.bias", "bias");
        assertThat(told).containsExactly("lm_head.decoder.bias = lm_head.bias");
    }
}
