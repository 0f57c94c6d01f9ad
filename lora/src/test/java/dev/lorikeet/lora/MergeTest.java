package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
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
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MergeTest {
    private static final int IN = 7;
    private static final int OUT = 12;

    private Backend backend;
    private Pool pool;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    private WeightStore store(DType compute, DType stored, double deviation) {
        WeightSource random = WeightSource.random(3);
        return new WeightStore(backend, (on, path, shape, initializer) -> {
            Tensor wide = random.load(on, path, shape, Initializer.normal(deviation));
            Tensor tensor = on.allocate(stored, shape);
            on.kernels().copy(tensor, wide);
            return tensor;
        }, compute);
    }

    private static Projection one(Weights weights, Projections projections, WeightOrder order) {
        return projections.create(weights.at("h.0.c_attn"), IN, OUT, order, Initializer.normal(1));
    }

    private double[] run(Projection projection, DType dtype) {
        try (Tape tape = Tape.inference(pool)) {
            Tensor x = Numbers.random(backend, dtype, Shape.of(6, IN), 5);
            return Numbers.of(backend, projection.forward(tape, tape.constant(x)).value());
        }
    }

    private AdaptedModel<Projection> adapted(
            WeightStore store, WeightOrder order, double deviation, LoraAdapter... all) {
        AdaptedModel<Projection> model = AdaptedModel.build(
                store, List.of(all), (weights, projections) -> one(weights, projections, order));
        long seed = 20;
        for (LoraAdapter adapter : all) {
            for (LoraDelta delta : adapter.deltas()) {
                backend.kernels().normal(delta.b().value(), 0, deviation, new RandomKey(seed++, 0));
            }
        }
        return model;
    }

    static Stream<Arguments> masks() {
        List<Arguments> all = new ArrayList<>();
        for (WeightOrder order : WeightOrder.values()) {
            for (String columns : List.of(
                    "", "[q]", "[k]", "[v]", "[q,k]", "[q,v]", "[k,v]", "[q,k,v]", "[1:4,9:12]")) {
                all.add(Arguments.of(order, columns));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("masks")
    void merged_equals_unmerged_for_all_masks_and_both_weight_orders(WeightOrder order, String columns) {
        WeightStore store = store(DType.F64, DType.F64, 1);
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(3, 8, "c_attn" + columns), store, 1);
        AdaptedModel<Projection> model = adapted(store, order, 0.7, adapter);
        double[] unmerged = run(model.model(), DType.F64);
        double[] base = run(one(Weights.of(store, WeightOverrides.none()), Projections.plain(), order), DType.F64);

        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        double[] plain = run(one(Weights.of(store, merged), Projections.plain(), order), DType.F64);

        double moved = 0;
        for (int i = 0; i < plain.length; i++) {
            assertThat(plain[i]).as("element %d", i).isEqualTo(unmerged[i], within(1e-12));
            moved = Math.max(moved, Math.abs(plain[i] - base[i]));
        }
        assertThat(moved).isGreaterThan(0.5);
    }

    /// A column that no slice covers must not change at all: loralib's disabled blocks.
    @ParameterizedTest
    @EnumSource(WeightOrder.class)
    void columns_outside_the_slices_keep_their_bits(WeightOrder order) {
        WeightStore store = store(DType.F32, DType.F32, 1);
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(3, 8, "c_attn[q,v]"), store, 1);
        MergedWeights merged = Merge.of(adapted(store, order, 0.7, adapter), store, MergeOptions.defaults());
        double[] before = Numbers.of(backend, store.all().iterator().next().value());
        double[] after = Numbers.of(backend, merged.weights().get("h.0.c_attn.weight").value());
        for (int i = 0; i < before.length; i++) {
            int column = order == WeightOrder.IN_OUT ? i % OUT : i / IN;
            boolean inK = column >= OUT / 3 && column < 2 * OUT / 3;
            assertThat(after[i] == before[i]).as("element %d", i).isEqualTo(inK);
        }
    }

    /// Shapes that neither vectors nor tiles divide, three cycles over recycled memory.
    @ParameterizedTest
    @MethodSource("masks")
    void merged_equals_unmerged_on_the_fast_backend_too(WeightOrder order, String columns) {
        try (Backend fast = Backends.open("cpu:2"); Pool steps = new Pool(fast)) {
            WeightStore store = new WeightStore(fast, WeightSource.random(4), DType.F32);
            Tensor x = Numbers.random(fast, DType.F32, Shape.of(6, IN), 5);
            for (int cycle = 0; cycle < 3; cycle++) {
                LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(3, 8, "c_attn" + columns), store, cycle);
                AdaptedModel<Projection> model = AdaptedModel.build(
                        store, List.of(adapter), (weights, projections) -> one(weights, projections, order));
                adapter.deltas().forEach(delta -> Numbers.fill(fast, delta.b(), 7));
                MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
                Projection plain = one(Weights.of(store, merged), Projections.plain(), order);
                try (Tape tape = Tape.inference(steps)) {
                    double[] expected = Numbers.of(fast, model.model().forward(tape, tape.constant(x)).value());
                    assertThat(Numbers.of(fast, plain.forward(tape, tape.constant(x)).value()))
                            .usingComparatorWithPrecision(2e-5).containsExactly(expected);
                }
                merged.unmerge();
                adapter.close();
            }
        }
    }

    @Test
    void several_adapters_are_merged_together() {
        WeightStore store = store(DType.F64, DType.F64, 1);
        LoraAdapter one = LoraAdapter.fresh("one", LoraConfig.of(2, 5, "c_attn[q]"), store, 1);
        LoraAdapter two = LoraAdapter.fresh("two", LoraConfig.of(3, 4, "c_attn"), store, 2);
        AdaptedModel<Projection> model = adapted(store, WeightOrder.IN_OUT, 0.5, one, two);
        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        assertThat(run(one(Weights.of(store, merged), Projections.plain(), WeightOrder.IN_OUT), DType.F64))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(run(model.model(), DType.F64));
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "BF16", "F16"})
    void unmerging_gives_back_the_bits_of_the_base_after_any_number_of_cycles(DType stored) {
        WeightStore store = store(DType.F32, stored, 1);
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(3, 8, "c_attn"), store, 1);
        AdaptedModel<Projection> model = adapted(store, WeightOrder.IN_OUT, 0.7, adapter);
        Map<String, byte[]> before = new TreeMap<>();
        store.all().forEach(weight -> before.put(weight.name(), Numbers.bytes(backend, weight.value())));
        Projection plain = one(Weights.of(store, WeightOverrides.none()), Projections.plain(), WeightOrder.IN_OUT);
        double[] base = run(plain, DType.F32);
        byte[] first = null;
        for (int cycle = 0; cycle < 3; cycle++) {
            MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
            byte[] bytes = Numbers.bytes(backend, merged.weights().get("h.0.c_attn.weight").value());
            first = first == null ? bytes : first;
            assertThat(bytes).isEqualTo(first);
            WeightOverrides overrides = merged.unmerge();
            assertThat(run(one(Weights.of(store, overrides), Projections.plain(), WeightOrder.IN_OUT), DType.F32))
                    .isEqualTo(base);
            assertThat(merged.weights()).isEmpty();
        }
        for (Frozen weight : store.all()) {
            assertThat(Numbers.bytes(backend, weight.value())).as(weight.name()).isEqualTo(before.get(weight.name()));
        }
    }

    @Test
    void the_report_counts_what_rounding_takes() {
        WeightStore store = store(DType.F32, DType.BF16, 1);
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(1, 1, "c_attn"), store, 1);
        AdaptedModel<Projection> model = AdaptedModel.build(store, List.of(adapter),
                (weights, projections) -> one(weights, projections, WeightOrder.OUT_IN));
        // A = (1, 0, …), B = (1/1024, 0, …): one element of the update is not 0
        LoraDelta delta = adapter.deltas().iterator().next();
        backend.kernels().fill(delta.a().value(), 0);
        backend.kernels().fill(delta.b().value(), 0);
        backend.kernels().fill(delta.a().value().cols(0, 1), 1);
        backend.kernels().fill(delta.b().value().rows(0, 1), 1.0 / 1024);
        backend.kernels().fill(store.all().iterator().next().value(), 1);    // BF16 has steps of 1/128 above 1

        MergeOptions lenient = MergeOptions.defaults().whateverIsLost();
        MergeReport.Entry entry = Merge.of(model, store, lenient).report().weights().get(0);
        assertThat(entry).isEqualTo(new MergeReport.Entry(
                "h.0.c_attn.weight", DType.BF16, 1.0 / 1024, 1.0 / 1024, 1.0 / 1024, 1, 1, 1));
        assertThatThrownBy(() -> Merge.of(model, store, MergeOptions.defaults()))
                .isInstanceOf(MergeException.class)
                .hasMessageContaining("h.0.c_attn.weight").hasMessageContaining("BF16")
                .hasMessageContaining("share of 1");

        MergeReport wide = Merge.of(model, store, MergeOptions.defaults().into(DType.F32)).report();
        assertThat(wide.worstLoss()).isZero();
        assertThat(wide.weights().get(0).vanished()).isZero();
        assertThat(wide.summary()).contains("1 weights merged");
    }

    @Test
    void numbers_that_are_not_finite_are_refused_by_name() {
        WeightStore store = store(DType.F32, DType.F32, 1);
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(1, 1, "c_attn"), store, 1);
        AdaptedModel<Projection> model = adapted(store, WeightOrder.OUT_IN, 1, adapter);
        LoraDelta delta = adapter.deltas().iterator().next();
        backend.kernels().fill(delta.b().value().rows(0, 1), 1e7);
        assertThatThrownBy(() -> Merge.of(model, store, MergeOptions.defaults().whateverIsLost().into(DType.F16)))
                .isInstanceOf(MergeException.class)
                .hasMessageContaining("'h.0.c_attn.weight' cannot be merged into F16").hasMessageContaining("Infinity");
        backend.kernels().fill(delta.b().value().rows(0, 1), Double.NaN);
        assertThatThrownBy(() -> Merge.of(model, store, MergeOptions.defaults()))
                .hasMessageContaining("'h.0.c_attn.weight'").hasMessageContaining("NaN");
    }

    @Test
    void saved_modules_are_part_of_the_merged_model() {
        WeightStore store = store(DType.F32, DType.F32, 1);
        LoraConfig config = LoraConfig.of(2, 5, "c_attn").toBuilder().modulesToSave(List.of("ln_f", "lm_head")).build();
        LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
        AdaptedModel<TinyModel> model = AdaptedModel.build(store, List.of(adapter), TinyModel::new);
        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, 8));
        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        TinyModel plain = new TinyModel(Weights.of(store, merged), Projections.plain());
        Tensor x = Numbers.random(backend, DType.F32, Shape.of(3, TinyModel.WIDTH), 3);
        try (Tape tape = Tape.inference(pool)) {
            double[] expected = Numbers.of(backend, model.model().forward(tape, tape.constant(x)).value());
            assertThat(Numbers.of(backend, plain.forward(tape, tape.constant(x)).value()))
                    .usingComparatorWithPrecision(2e-5)
                    .containsExactly(expected);
        }
    }
}
