package dev.lorikeet.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a base's weights are kept: [BaseDType] for matrices, the compute type for vectors.
class WeightStoreTest {
    private static final Shape MATRIX = Shape.of(2, 2);
    private static final Initializer NUMBERS = (kernels, weight, _) -> {
        kernels.fill(weight, 1);
        kernels.fill(weight.rows(0, 1), 1 + 0x1p-9);         // between two numbers of 8 bits
    };

    private final Backend backend = Backends.open("scalar");

    @AfterEach
    void close() {
        backend.close();
    }

    private WeightStore store(BaseDType base) {
        return new WeightStore(backend, WeightSource.random(1), DType.F32, base);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // base, type of a product's matrix, of an embedding table, of a vector
        "STORED, F32,  F32,  F32", "F32,  F32, F32, F32", "BF16, BF16, BF16, F32", "F16, F16, F16, F32",
        "INT8,   I8,   F32,  F32",
    })
    void matrices_have_the_bases_type_and_vectors_the_computing_one(
            BaseDType base, DType product, DType table, DType vector) {
        WeightStore store = store(base);
        assertThat(store.get("m", MATRIX, NUMBERS, WeightOrder.OUT_IN).value().dtype()).isEqualTo(product);
        assertThat(store.get("t", MATRIX, NUMBERS).value().dtype()).isEqualTo(table);
        assertThat(store.get("v", Shape.of(2), Initializer.ones()).value().dtype()).isEqualTo(vector);
    }

    @Test
    void the_error_of_a_narrower_type_is_told() {
        WeightStore store = store(BaseDType.BF16);
        store.get("exact", MATRIX, Initializer.ones(), WeightOrder.OUT_IN);
        store.get("rounded", MATRIX, NUMBERS, WeightOrder.OUT_IN);
        QuantizationError error = store.quantizationError();
        double lost = 2 * 0x1p-18;                           // two numbers lose 2⁻⁹ each
        double worst = Math.sqrt(lost / (2 * Math.pow(1 + 0x1p-9, 2) + 2));
        assertThat(error.matrices()).isEqualTo(2);
        assertThat(error.worstAt()).isEqualTo("rounded");
        assertThat(error.worst()).isCloseTo(worst, within(1e-7 * worst));
        assertThat(error.relative()).isCloseTo(Math.sqrt(lost / (2 * Math.pow(1 + 0x1p-9, 2) + 6)), within(1e-9));
        assertThat(error.toString()).startsWith("base kept in bf16: 2 matrices rounded, relative error ");
        assertThat(store(BaseDType.F32).quantizationError().toString())
                .isEqualTo("base kept in f32: nothing had to be rounded");
    }

    @Test
    void a_number_that_the_type_cannot_hold_is_refused_by_name() {
        assertThatThrownBy(() -> store(BaseDType.F16).get(
                "huge", MATRIX, (kernels, weight, _) -> kernels.fill(weight, 1e6), WeightOrder.OUT_IN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'huge' has numbers that F16 cannot hold; keep the base in bf16 or f32");
    }

    @Test
    void a_weight_is_loaded_once_and_has_one_shape() {
        AtomicInteger loads = new AtomicInteger();
        WeightStore store = new WeightStore(backend, (_, _, shape, _) -> {
            loads.incrementAndGet();
            Tensor loaded = backend.allocate(DType.F32, shape);
            backend.upload(loaded, MemorySegment.ofArray(new float[] {1, 2, 3, 4}));
            return loaded;
        }, DType.F32);
        Frozen weight = store.get("w", MATRIX, Initializer.zeros());
        assertThat(store.get("w", MATRIX, Initializer.zeros())).isSameAs(weight);
        assertThat(loads).hasValue(1);
        assertThat(store.all()).containsExactly(weight);
        assertThat(store.bytes()).isEqualTo(16);
        assertThatThrownBy(() -> store.get("w", Shape.of(4), Initializer.zeros()))
                .isInstanceOf(ShapeMismatch.class).hasMessageContaining("the model needs the second shape");
    }

    @Test
    void computing_in_doubles_widens_everything() {
        WeightStore store = new WeightStore(backend, WeightSource.random(1), DType.F64);
        assertThat(store.get("m", MATRIX, NUMBERS, WeightOrder.OUT_IN).value().dtype()).isEqualTo(DType.F64);
        assertThatThrownBy(() -> new WeightStore(backend, WeightSource.random(1), DType.F64, BaseDType.BF16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a base is kept in BF16 only where F32 is computed, not F64");
    }
}
