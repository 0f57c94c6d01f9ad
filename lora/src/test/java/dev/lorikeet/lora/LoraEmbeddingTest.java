package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Embedding;
import dev.lorikeet.nn.EmbeddingTable;
import dev.lorikeet.nn.Initializer;
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
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Updates of embedding tables.
class LoraEmbeddingTest {
    private static final int V = 9;
    private static final int C = 5;
    private static final int[] IDS = {3, 0, 8, 3, 1};

    private Backend backend;
    private Pool pool;
    private WeightStore store;

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

    private static LoraConfigBuilder config(boolean dora) {
        return LoraConfig.of(3, 8, "wte").toBuilder().variant(dora ? new Dora() : new Plain());
    }

    private static Embedding table(Weights weights, Projections projections) {
        return projections.embedding(weights.at("wte"), V, C, WeightOrder.OUT_IN, Initializer.normal(1), 3);
    }

    private AdaptedModel<Embedding> adapted(LoraAdapter adapter) {
        return AdaptedModel.build(store, List.of(adapter), LoraEmbeddingTest::table);
    }

    private double[] run(Embedding embedding) {
        try (Tape tape = Tape.inference(pool)) {
            return Numbers.of(backend, embedding.forward(tape, IDS).value());
        }
    }

    private void train(LoraAdapter adapter) {
        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, weight.name().length()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_fresh_update_changes_nothing_and_a_trained_one_is_the_merged_table(boolean dora) {
        LoraAdapter adapter = LoraAdapter.fresh(config(dora).build(), store, 1);
        AdaptedModel<Embedding> model = adapted(adapter);
        Embedding plain = table(Weights.of(store, WeightOverrides.none()), Projections.plain());
        double[] before = run(plain);
        assertThat(run(model.model())).usingComparatorWithPrecision(1e-12).containsExactly(before);

        train(adapter);
        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());

        double[] trained = run(model.model());
        assertThat(trained).usingComparatorWithPrecision(0.1).isNotEqualTo(before);
        assertThat(run(table(Weights.of(store, merged), Projections.plain())))
                .usingComparatorWithPrecision(1e-12).containsExactly(trained);
        assertThat(merged.report().notes()).singleElement().asString().contains("'wte.weight'", "head");
        assertThat(merged.report().toString()).contains("note: ");
    }

    /// `g_c = m_c/‖(W + s·(B·A)ᵀ)_c‖`, the norm over the rows of the table.
    @Test
    void magnitudes_belong_to_the_columns_of_the_table() {
        LoraAdapter adapter = LoraAdapter.fresh(config(true).rsLora(true).build(), store, 1);
        AdaptedModel<Embedding> model = adapted(adapter);
        train(adapter);
        LoraDelta delta = adapter.deltas().iterator().next();
        double[] w = Numbers.of(backend, ((LoraEmbedding) model.model()).table().value());
        double[] a = Numbers.of(backend, delta.a().value());
        double[] b = Numbers.of(backend, delta.b().value());
        double[] m = Numbers.of(backend, ((Dora.Magnitudes) delta.extra()).magnitude().value());
        double[] sum = w.clone();
        double[] squares = new double[C];
        for (int v = 0; v < V; v++) {
            for (int c = 0; c < C; c++) {
                for (int k = 0; k < 3; k++) {
                    sum[v * C + c] += 8 / Math.sqrt(3) * a[k * V + v] * b[c * 3 + k];
                }
                squares[c] += sum[v * C + c] * sum[v * C + c];
            }
        }
        double[] y = new double[IDS.length * C];
        for (int i = 0; i < y.length; i++) {
            y[i] = m[i % C] / Math.sqrt(squares[i % C]) * sum[IDS[i / C] * C + i % C];
        }
        assertThat(run(model.model())).usingComparatorWithPrecision(1e-12).containsExactly(y);
    }

    @Test
    void gradients_are_right_but_for_the_padding_which_gets_none() {
        LoraAdapter adapter = LoraAdapter.fresh(config(false).build(), store, 1);
        Embedding embedding = adapted(adapter).model();
        train(adapter);
        GradCheck.on(backend).check(tape -> embedding.forward(tape, new int[] {0, 8, 1, 0}), adapter.trainables())
                .assertCorrect(1e-6);

        adapter.trainables().forEach(Trainable::clearGrad);
        try (Tape tape = Tape.training(pool, null)) {
            Activation y = embedding.forward(tape, IDS);
            Tensor dy = tape.allocate(DType.F64, y.shape());
            backend.kernels().normal(dy, 0, 1, new RandomKey(6, 6));
            tape.backward(y, dy);
        }
        double[] da = Numbers.of(backend, adapter.trainables().getFirst().grad());
        for (int k = 0; k < 3; k++) {
            assertThat(da[k * V + 3]).isZero();
            assertThat(da[k * V + 8]).isNotZero();
        }
    }

    @Test
    void a_file_of_it_gives_the_same_numbers_and_fits_no_projection() {
        LoraAdapter adapter = LoraAdapter.fresh(config(true).build(), store, 1);
        Embedding trained = adapted(adapter).model();
        train(adapter);
        StoredAdapter stored = adapter.snapshot();
        assertThat(stored.deltas().get("wte").table()).isTrue();
        assertThat(run(adapted(LoraAdapter.frozen("default", stored, store)).model())).containsExactly(run(trained));

        TreeMap<String, StoredDelta> projection = new TreeMap<>();
        StoredDelta delta = stored.deltas().get("wte");
        projection.put("wte", new StoredDelta(delta.a(), delta.b(), Columns.all(), C).with(delta.extras()));
        StoredAdapter other = new StoredAdapter(
                stored.config(), stored.about(), projection, stored.saved(), stored.notes());
        assertThatThrownBy(() -> adapted(LoraAdapter.frozen("default", other, store)))
                .isInstanceOf(AdapterMismatch.class).hasMessageContaining("an embedding table in this model");
    }

    @Test
    void all_linear_means_no_table_and_columns_of_a_table_are_refused() {
        LoraAdapter linear = LoraAdapter.fresh(LoraConfig.of(2, 2, "all-linear"), store, 1);
        AdaptedModel<Embedding> model = AdaptedModel.build(store, List.of(linear), (weights, projections) -> {
            projections.create(weights.at("c_fc"), C, C, WeightOrder.OUT_IN, Initializer.normal(1));
            return table(weights, projections);
        });
        assertThat(model.model()).isInstanceOf(EmbeddingTable.class);
        assertThat(model.projections().embeddings()).isEmpty();
        assertThatThrownBy(() -> adapted(LoraAdapter.fresh(LoraConfig.of(2, 2, "wte[0:2]"), store, 1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'wte'");
    }
}
