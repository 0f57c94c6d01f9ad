package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.BaseDType;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Direction and magnitude. The numbers of PEFT are compared in the golden cases.
class DoraTest {
    private static final int IN = 7;
    private static final int OUT = 12;
    private static final int N = 5;

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

    private static LoraConfigBuilder config() {
        return LoraConfig.of(3, 8, "c_attn").toBuilder().variant(new Dora());
    }

    private WeightStore doubles() {
        return new WeightStore(backend, WeightSource.random(3), DType.F64);
    }

    private static Projection projection(Weights weights, Projections projections, WeightOrder order) {
        return projections.create(weights.at("h.0.c_attn"), IN, OUT, order, Initializer.normal(1));
    }

    private static AdaptedModel<Projection> adapted(WeightStore store, WeightOrder order, LoraAdapter adapter) {
        return AdaptedModel.build(store, List.of(adapter),
                (weights, projections) -> projection(weights, projections, order));
    }

    /// Everything random, as after some training.
    private static void train(Backend backend, LoraAdapter adapter) {
        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, weight.name().length()));
    }

    private double[] run(Projection projection, Tensor x) {
        try (Tape tape = Tape.inference(pool)) {
            return Numbers.of(backend, projection.forward(tape, tape.constant(x)).value());
        }
    }

    private Tensor x() {
        return Numbers.random(backend, DType.F64, Shape.of(N, IN), 5);
    }

    @ParameterizedTest
    @EnumSource(WeightOrder.class)
    void a_fresh_update_changes_nothing(WeightOrder order) {
        WeightStore store = doubles();
        LoraAdapter adapter = LoraAdapter.fresh(config().build(), store, 1);
        Projection model = adapted(store, order, adapter).model();
        Projection plain = projection(Weights.of(store, WeightOverrides.none()), Projections.plain(), order);

        assertThat(run(model, x())).usingComparatorWithPrecision(1e-12).containsExactly(run(plain, x()));
        assertThat(adapter.trainables()).extracting(Trainable::name).containsExactly(
                "h.0.c_attn.lora_A", "h.0.c_attn.lora_B", "h.0.c_attn.lora_magnitude_vector");
    }

    static Stream<Arguments> settings() {
        return Stream.of(WeightOrder.values()).flatMap(order -> Stream.of(
                Arguments.of(order, config().build()),
                Arguments.of(order, config().rsLora(true).build()),
                Arguments.of(order, config().rsLora(true).rankPattern(Map.of("h.0.*", 2))
                        .alphaPattern(Map.of("c_attn", 5.0)).build())));
    }

    /// `y_j = m_j·(x·u_j)/‖u_j‖ + b_j` with `u = W + s·B·A`, by loops.
    @ParameterizedTest
    @MethodSource("settings")
    void it_computes_its_formula_and_so_does_the_merged_weight(WeightOrder order, LoraConfig config) {
        WeightStore store = doubles();
        LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
        AdaptedModel<Projection> model = adapted(store, order, adapter);
        train(backend, adapter);
        LoraDelta delta = adapter.deltas().iterator().next();
        double[] a = Numbers.of(backend, delta.a().value());
        double[] b = Numbers.of(backend, delta.b().value());
        double[] m = Numbers.of(backend, ((Dora.Magnitudes) delta.extra()).magnitude().value());
        DoraLinear linear = (DoraLinear) model.model();
        double[] w = Numbers.of(backend, linear.base().weight().value());
        double[] bias = Numbers.of(backend, linear.base().bias().value());
        double[] x = Numbers.of(backend, x());
        int r = delta.rank();
        double s = config.rsLora() ? config.alphaFor("h.0.c_attn") / Math.sqrt(r) : 8.0 / r;

        double[] y = new double[N * OUT];
        for (int j = 0; j < OUT; j++) {
            double[] u = new double[IN];
            double squares = 0;
            for (int i = 0; i < IN; i++) {
                u[i] = order == WeightOrder.OUT_IN ? w[j * IN + i] : w[i * OUT + j];
                for (int k = 0; k < r; k++) {
                    u[i] += s * b[j * r + k] * a[k * IN + i];
                }
                squares += u[i] * u[i];
            }
            for (int n = 0; n < N; n++) {
                for (int i = 0; i < IN; i++) {
                    y[n * OUT + j] += x[n * IN + i] * u[i] * m[j] / Math.sqrt(squares);
                }
                y[n * OUT + j] += bias[j];
            }
        }
        assertThat(run(model.model(), x())).usingComparatorWithPrecision(1e-11).containsExactly(y);

        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        Projection plain = projection(Weights.of(store, merged), Projections.plain(), order);
        assertThat(run(plain, x())).usingComparatorWithPrecision(1e-11).containsExactly(y);
    }

    /// The norm is a constant of the backward pass, so the check holds it fixed; where it is computed anew for each
    /// pass the gradients are the same.
    @ParameterizedTest
    @EnumSource(WeightOrder.class)
    void gradients_are_those_of_a_constant_norm(WeightOrder order) {
        for (double dropout : new double[] {0, 0.4}) {
            WeightStore store = doubles();
            LoraAdapter adapter = LoraAdapter.fresh(config().dropout(dropout).build(), store, 1);
            DoraLinear free = (DoraLinear) adapted(store, order, adapter).model();
            train(backend, adapter);
            LoraDelta delta = adapter.deltas().iterator().next();
            Dora.Magnitudes dora = (Dora.Magnitudes) delta.extra();
            Tensor rstd = backend.allocate(DType.F64, Shape.of(OUT));
            try (Tape tape = Tape.inference(pool)) {
                backend.kernels().copy(
                        rstd, dora.inverseNorms(tape, delta, free.base().weight().value(), order));
            }
            DoraLinear held = new DoraLinear("h.0.c_attn", free.base(), delta,
                    new Dora.Magnitudes(dora.magnitude(), dora.squares(), rstd));
            Trainable input = Trainable.of(backend, "x", x());
            List<Trainable> all = Stream.concat(Stream.of(input), adapter.trainables().stream()).toList();
            RandomKey key = new RandomKey(4, 4);

            GradCheck.on(backend).withRandom(key).check(tape -> held.forward(tape, input), all).assertCorrect(1e-6);

            List<double[]> expected = gradients(held, input, all, key);
            List<double[]> actual = gradients(free, input, all, key);
            for (int i = 0; i < all.size(); i++) {
                assertThat(actual.get(i)).usingComparatorWithPrecision(1e-10).containsExactly(expected.get(i));
            }
        }
    }

    private List<double[]> gradients(Projection projection, Trainable x, List<Trainable> all, RandomKey key) {
        all.forEach(Trainable::clearGrad);
        try (Tape tape = Tape.training(pool, key)) {
            Activation y = projection.forward(tape, x);
            Tensor dy = tape.allocate(DType.F64, y.shape());
            backend.kernels().normal(dy, 0, 1, new RandomKey(6, 6));
            tape.backward(y, dy);
        }
        return all.stream().map(weight -> Numbers.of(backend, weight.grad())).toList();
    }

    /// PEFT: what dropout takes away still goes through the base.
    @Test
    void what_dropout_takes_away_goes_through_the_base_alone() {
        WeightStore store = doubles();
        LoraAdapter adapter = LoraAdapter.fresh(config().dropout(0.5).build(), store, 1);
        DoraLinear model = (DoraLinear) adapted(store, WeightOrder.IN_OUT, adapter).model();
        train(backend, adapter);
        RandomKey key = new RandomKey(9, 2);
        try (Tape tape = Tape.training(pool, key); Tape again = Tape.training(pool, key);
                Tape plain = Tape.inference(pool)) {
            double[] y = Numbers.of(backend, model.forward(tape, tape.constant(x())).value());
            Variable kept = Dropout.apply(again, again.constant(x()), 0.5);
            double[] updated = Numbers.of(backend, model.forward(plain, plain.constant(kept.value())).value());
            double[] base = Numbers.of(backend, model.base().forward(plain, plain.constant(x())).value());
            double[] baseOfKept = Numbers.of(
                    backend, model.base().forward(plain, plain.constant(kept.value())).value());
            for (int i = 0; i < y.length; i++) {
                assertThat(y[i]).isCloseTo(base[i] + updated[i] - baseOfKept[i], within(1e-11));
            }
        }
    }

    @Test
    void a_frozen_update_has_its_norms_computed_once() {
        WeightStore store = doubles();
        LoraAdapter adapter = LoraAdapter.fresh(config().build(), store, 1);
        Projection trained = adapted(store, WeightOrder.OUT_IN, adapter).model();
        train(backend, adapter);
        LoraAdapter frozen = LoraAdapter.frozen("default", adapter.snapshot(), store);
        Projection model = adapted(store, WeightOrder.OUT_IN, frozen).model();

        assertThat(((Dora.Magnitudes) frozen.deltas().iterator().next().extra()).fixed()).isNotNull();
        assertThat(run(model, x())).containsExactly(run(trained, x()));
    }

    @Test
    void only_what_the_gradients_need_is_saved() {
        WeightStore store = doubles();
        LoraAdapter adapter = LoraAdapter.fresh(config().build(), store, 1);
        Projection model = adapted(store, WeightOrder.OUT_IN, adapter).model();
        try (Tape tape = Tape.training(pool, null)) {
            Tensor x = tape.allocate(DType.F64, Shape.of(64, IN));
            backend.kernels().fill(x, 1);
            model.forward(tape, tape.constant(x));
            // x for A, h for B, the direction and its inverse norms for m, the factors for what lies below
            assertThat(tape.size()).isEqualTo(2);
            assertThat(tape.report().savedBytes()).isLessThanOrEqualTo(
                    Stream.of(64 * IN, 64 * 3, 64 * OUT, OUT, OUT).mapToLong(n -> Math.max(512, 8L * n * 9 / 8)).sum());
        }
    }

    /// The base as the fast backend keeps it: packed, in two bytes, in one.
    @ParameterizedTest
    @EnumSource(BaseDType.class)
    void any_form_of_the_base_gives_the_numbers_of_the_widened_one(BaseDType type) {
        for (WeightOrder order : WeightOrder.values()) {
            try (Backend fast = Backends.open("cpu:2"); Pool steps = new Pool(fast)) {
                WeightStore store = new WeightStore(fast, WeightSource.random(4), DType.F32, type);
                LoraAdapter adapter = LoraAdapter.fresh(config().build(), store, 2);
                DoraLinear model = (DoraLinear) adapted(store, order, adapter).model();
                train(fast, adapter);
                WeightStore wide = new WeightStore(backend, (on, path, shape, initializer) -> {
                    Weight weight = path.endsWith("bias") ? model.base().bias() : model.base().weight();
                    Tensor copy = fast.allocate(DType.F32, shape);
                    fast.kernels().copy(copy, weight.value());
                    return StoredTensor.copyOf(fast, copy).to(on, DType.F64);
                }, DType.F64);
                LoraAdapter same = LoraAdapter.frozen("default", adapter.snapshot(), wide);
                Projection reference = adapted(wide, order, same).model();
                Tensor x = Numbers.random(backend, DType.F32, Shape.of(N, IN), 5);
                double[] expected = run(reference, StoredTensor.copyOf(backend, x).to(backend, DType.F64));
                try (Tape tape = Tape.inference(steps)) {
                    Tensor here = StoredTensor.copyOf(backend, x).to(fast, DType.F32);
                    assertThat(Numbers.of(fast, model.forward(tape, tape.constant(here)).value()))
                            .usingComparatorWithPrecision(2e-5).containsExactly(expected);
                }
            }
        }
    }

    @Test
    void a_channel_of_zeros_stays_finite() {
        WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F64);
        store.get("h.0.c_attn.weight", Shape.of(OUT, IN), Initializer.normal(1), WeightOrder.OUT_IN);
        backend.kernels().fill(store.all().iterator().next().value().rows(2, 3), 0);
        LoraAdapter adapter = LoraAdapter.fresh(config().build(), store, 1);
        AdaptedModel<Projection> model = adapted(store, WeightOrder.OUT_IN, adapter);

        assertThat(run(model.model(), x())).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        assertThat(Numbers.of(backend, merged.weights().get("h.0.c_attn.weight").value())).doesNotContain(Double.NaN);
    }

    @Test
    void it_cannot_share_a_projection() {
        WeightStore store = doubles();
        LoraAdapter one = LoraAdapter.fresh("one", config().build(), store, 1);
        LoraAdapter two = LoraAdapter.fresh("two", LoraConfig.of(2, 4, "c_attn"), store, 1);
        assertThatThrownBy(() -> AdaptedModel.build(store, List.of(one, two),
                (weights, projections) -> projection(weights, projections, WeightOrder.OUT_IN)))
                .isInstanceOf(AdapterMismatch.class)
                .hasMessageContaining("'h.0.c_attn'").hasMessageContaining("DoRA");
    }

    @Test
    void columns_are_refused() {
        assertThatThrownBy(() -> config().targets(Targets.parse("c_attn[q,v]")).build())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("c_attn[q,v]");
    }
}
