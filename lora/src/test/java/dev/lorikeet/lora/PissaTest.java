package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.lora.io.PeftFormat;
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
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Starting from the principal part of the weight.
class PissaTest {
    private static final int IN = 7;
    private static final int OUT = 12;

    private Backend backend;
    private Pool pool;
    private WeightStore store;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
        store = new WeightStore(backend, WeightSource.random(3), DType.F64);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    private static Projection projection(Weights weights, Projections projections, WeightOrder order) {
        return projections.create(weights.at("h.0.c_attn"), IN, OUT, order, Initializer.normal(1));
    }

    private AdaptedModel<Projection> adapted(LoraAdapter adapter, WeightOrder order) {
        return AdaptedModel.build(store, List.of(adapter),
                (weights, projections) -> projection(weights, projections, order));
    }

    private static LoraConfigBuilder config(String targets) {
        return LoraConfig.of(2, 5, targets).toBuilder().variant(new Pissa());
    }

    private double[] run(Projection model) {
        try (Tape tape = Tape.inference(pool)) {
            Tensor x = Numbers.random(backend, DType.F64, Shape.of(6, IN), 5);
            return Numbers.of(backend, model.forward(tape, tape.constant(x)).value());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "OUT_IN; c_attn; false", "IN_OUT; c_attn; false", "IN_OUT; c_attn; true", "IN_OUT; c_attn[q,v]; false",
        "OUT_IN; c_attn[k]; true"})
    void what_is_left_and_the_update_are_the_weight_and_a_trained_one_is_merged_and_saved_as_plain_lora(
            WeightOrder order, String targets, boolean rsLora) {
        LoraAdapter adapter = LoraAdapter.fresh(config(targets).rsLora(rsLora).build(), store, 1);
        AdaptedModel<Projection> model = adapted(adapter, order);
        Projection plain = projection(Weights.of(store, WeightOverrides.none()), Projections.plain(), order);
        assertThat(run(model.model())).usingComparatorWithPrecision(1e-12).containsExactly(run(plain));
        LoraDelta delta = adapter.deltas().iterator().next();
        assertThat(delta.extra()).isInstanceOf(Pissa.Start.class);
        assertThat(adapter.trainables()).hasSize(2);

        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, weight.name().length()));
        double[] trained = run(model.model());
        assertThat(trained).usingComparatorWithPrecision(0.1).isNotEqualTo(run(plain));
        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        assertThat(run(projection(Weights.of(store, merged), Projections.plain(), order)))
                .usingComparatorWithPrecision(1e-11).containsExactly(trained);

        PeftFormat.write(directory, adapter.snapshot());
        StoredAdapter read = PeftFormat.read(directory);
        assertThat(read.config().init()).isEqualTo(LoraInit.DEFAULT);
        assertThat(read.config().rankFor("h.0.c_attn")).isEqualTo(4);
        assertThat(run(adapted(LoraAdapter.frozen("default", read, store), order).model()))
                .usingComparatorWithPrecision(1e-11).containsExactly(trained);
    }

    /// `s·B₀·A₀` is the best approximation of W of that rank.
    @Test
    void a_and_b_are_the_largest_singular_triplets() {
        LoraAdapter adapter = LoraAdapter.fresh(config("c_attn").build(), store, 1);
        DoubleMatrix w = new DoubleMatrix(Numbers.of(backend,
                ((LoraLinear) adapted(adapter, WeightOrder.OUT_IN).model()).base().weight().value()));
        LoraDelta delta = adapter.deltas().iterator().next();
        double[] a = Numbers.of(backend, delta.a().value());
        double[] b = Numbers.of(backend, delta.b().value());
        SingularValues svd = SingularValues.of(w.rows());
        for (int o = 0; o < OUT; o++) {
            for (int i = 0; i < IN; i++) {
                double update = delta.scale() * (b[o * 2] * a[i] + b[o * 2 + 1] * a[IN + i]);
                double best = 0;
                for (int k = 0; k < 2; k++) {
                    best += svd.u()[o][k] * svd.values()[k] * svd.v()[i][k];
                }
                assertThat(update).isCloseTo(best, within(1e-9));
            }
        }
    }

    private record DoubleMatrix(double[] flat) {
        double[][] rows() {
            double[][] rows = new double[OUT][IN];
            for (int i = 0; i < flat.length; i++) {
                rows[i / IN][i % IN] = flat[i];
            }
            return rows;
        }
    }

    /// PEFT's own files of this kind belong to what is left of the base, which is computed again.
    @Test
    void a_file_that_was_trained_over_what_is_left_gets_the_same_base() throws IOException {
        LoraAdapter adapter = LoraAdapter.fresh(config("c_attn").build(), store, 1);
        AdaptedModel<Projection> model = adapted(adapter, WeightOrder.IN_OUT);
        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, weight.name().length()));
        LoraDelta delta = adapter.deltas().iterator().next();
        LoraAdapter plain = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_attn"), store, 1);
        adapted(plain, WeightOrder.IN_OUT);
        LoraDelta copy = plain.deltas().iterator().next();
        backend.kernels().copy(copy.a().value(), delta.a().value());
        backend.kernels().copy(copy.b().value(), delta.b().value());
        PeftFormat.write(directory, plain.snapshot());
        Path json = directory.resolve(PeftFormat.CONFIG);
        Files.writeString(json, Files.readString(json).replace(
                "\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\""));

        StoredAdapter read = PeftFormat.read(directory);
        assertThat(read.notes()).anyMatch(note -> note.contains("pissa"));
        assertThat(run(adapted(LoraAdapter.frozen("default", read, store), WeightOrder.IN_OUT).model()))
                .usingComparatorWithPrecision(1e-10).containsExactly(run(model.model()));
    }

    @Test
    void an_alpha_below_0_is_refused() {
        LoraAdapter negative = LoraAdapter.fresh(config("c_attn").alpha(-3).build(), store, 1);
        assertThatThrownBy(() -> adapted(negative, WeightOrder.IN_OUT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("alpha");
    }
}
