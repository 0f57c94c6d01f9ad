package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.Combination.Method;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One adapter of several.
class CombinationTest {
    private static final String C_ATTN = "transformer.h.0.attn.c_attn";
    private static final double[] WEIGHTS = {0.7, -1.5};

    private Backend backend;
    private WeightStore store;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        store = new WeightStore(backend, WeightSource.random(11), DType.F32);
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private StoredAdapter adapter(LoraConfig config, long seed) {
        LoraAdapter adapter = LoraAdapter.fresh(config, store, seed);
        AdaptedModel.build(store, List.of(adapter), TinyModel::new);
        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, seed + weight.name().hashCode()));
        return adapter.snapshot();
    }

    private StoredAdapter one() {
        return adapter(LoraConfig.of(2, 5, "c_attn"), 1);
    }

    private StoredAdapter two() {
        return adapter(LoraConfig.of(1, 3, "c_attn,c_proj").toBuilder().rsLora(true).build(), 2);
    }

    /// `w·s·B·A` of the update at `path`, added to `sum`.
    private static double[] add(double[] sum, StoredAdapter adapter, String path, double weight) {
        StoredDelta delta = adapter.deltas().get(path);
        if (delta == null) {
            return sum;
        }
        double[] result = sum == null ? new double[delta.out() * delta.in()] : sum;
        double[] a = Numbers.of(delta.a());
        double[] b = Numbers.of(delta.b());
        double factor = weight * adapter.config().scaleFor(path);
        for (int i = 0; i < result.length; i++) {
            for (int k = 0; k < delta.rank(); k++) {
                result[i] += factor * b[i / delta.in() * delta.rank() + k] * a[k * delta.in() + i % delta.in()];
            }
        }
        return result;
    }

    private static void assertSum(StoredAdapter combined, double[] weights, StoredAdapter... parts) {
        for (String path : combined.deltas().keySet()) {
            double[] expected = null;
            for (int i = 0; i < parts.length; i++) {
                expected = add(expected, parts[i], path, weights[i]);
            }
            assertThat(add(null, combined, path, 1)).usingComparatorWithPrecision(2e-6).containsExactly(expected);
            assertThat(combined.config().scaleFor(path)).isEqualTo(1);
        }
    }

    @Test
    void cat_is_exactly_the_sum_also_where_only_one_has_an_update() {
        StoredAdapter combined = Combination.of(List.of(one(), two()), WEIGHTS, Method.CAT, 0);
        assertSum(combined, WEIGHTS, one(), two());
        assertThat(combined.deltas()).hasSize(4);
        assertThat(combined.config().rankFor(C_ATTN)).isEqualTo(3);
        assertThat(combined.config().rankFor("transformer.h.1.mlp.c_proj")).isEqualTo(1);
    }

    @Test
    void svd_is_exact_if_the_rank_suffices_and_the_best_of_its_rank_otherwise() {
        assertSum(Combination.of(List.of(one(), two()), WEIGHTS, Method.SVD, 3), WEIGHTS, one(), two());

        StoredAdapter best = Combination.of(List.of(one(), two()), WEIGHTS, Method.SVD, 2);
        double[] sum = add(add(null, one(), C_ATTN, WEIGHTS[0]), two(), C_ATTN, WEIGHTS[1]);
        double[] rest = add(sum.clone(), best, C_ATTN, -1);
        double[][] matrix = new double[TinyModel.FUSED][TinyModel.WIDTH];
        double squares = 0;
        for (int i = 0; i < sum.length; i++) {
            matrix[i / TinyModel.WIDTH][i % TinyModel.WIDTH] = sum[i];
            squares += rest[i] * rest[i];
        }
        // Eckart-Young: what is lost is the third singular value
        assertThat(Math.sqrt(squares)).isCloseTo(
                SingularValues.of(matrix).values()[2], org.assertj.core.api.Assertions.within(2e-6));
        assertThat(Combination.of(List.of(one(), two()), WEIGHTS, Method.SVD, 0).config().rankFor(C_ATTN)).isEqualTo(2);
    }

    @Test
    void linear_adds_the_factors_with_their_cross_terms() {
        StoredAdapter other = adapter(LoraConfig.of(2, 3, "c_attn"), 4);
        double[] weights = {0.7, 0.3};
        StoredAdapter combined = Combination.of(List.of(one(), other), weights, Method.LINEAR, 0);
        assertThat(combined.config().targets()).isEqualTo(Targets.parse("c_attn"));
        double root1 = Math.sqrt(0.7 * 2.5);
        double root2 = Math.sqrt(0.3 * 1.5);
        double[] a1 = Numbers.of(one().deltas().get(C_ATTN).a());
        double[] a2 = Numbers.of(other.deltas().get(C_ATTN).a());
        double[] a = Numbers.of(combined.deltas().get(C_ATTN).a());
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(
                    root1 * a1[i] + root2 * a2[i], org.assertj.core.api.Assertions.within(1e-6));
        }
        // of an adapter with itself there are no cross terms to see: half and half is the adapter
        assertSum(Combination.of(List.of(one()), new double[] {1}, Method.LINEAR, 0), new double[] {1}, one());
    }

    @Test
    void slices_are_combined_as_the_updates_they_are() {
        StoredAdapter sliced = adapter(LoraConfig.of(1, 5, "c_attn[q,v]"), 3);
        StoredAdapter combined = Combination.of(List.of(one(), sliced), WEIGHTS, Method.CAT, 0);
        assertSum(combined, WEIGHTS, one(), BlockForm.expand(sliced));
        assertThat(combined.config().rankFor(C_ATTN)).isEqualTo(4);
    }

    @Test
    void what_has_no_sum_is_refused() {
        refused("equal ranks", Method.LINEAR, new double[] {1, 1}, one(), two());
        refused("cat or svd", Method.LINEAR, new double[] {1, -1}, one(), one());
        refused("DoRA", Method.CAT, new double[] {1},
                adapter(LoraConfig.of(1, 1, "c_attn").toBuilder().variant(new Dora()).build(), 1));
        refused("bias of B", Method.CAT, new double[] {1},
                adapter(LoraConfig.of(1, 1, "c_attn").toBuilder().variant(new OutputBias()).build(), 1));
        refused("ln_f", Method.CAT, new double[] {1},
                adapter(LoraConfig.of(1, 1, "c_attn").toBuilder().modulesToSave(List.of("ln_f")).build(), 1));
        refused("2 weights", Method.CAT, new double[] {1, 2}, one());
        assertThatThrownBy(() -> Combination.of(List.of(one()), new double[] {1}, Method.CAT, 3))
                .hasMessageContaining("rank of 3");
    }

    private static void refused(String reason, Method method, double[] weights, StoredAdapter... adapters) {
        assertThatThrownBy(() -> Combination.of(List.of(adapters), weights, method, 0))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(reason);
    }
}
