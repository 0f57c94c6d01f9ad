package dev.lorikeet.models.gpt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.QuantizationError;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A base kept in fewer bits computes what the same base computes in F32 after its matrices were rounded likewise.
class BaseDTypeTest {
    private static final Gpt2Config SMALL = Gpt2Config.fresh(new FreshModel(301, 64, 48, 3, 4, -1));
    private static final int[] PROMPT = {5, 300, 17, 200, 9, 9, 41, 120, 77, 3, 250, 8, 1, 66, 91, 14, 33, 2, 108};

    private final Backend backend = Backends.open("cpu");
    private final Pool pool = new Pool(backend);

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16", "INT8"})
    void a_narrow_base_equals_one_rounded_beforehand(BaseDType type) {
        WeightStore narrow = new WeightStore(backend, WeightSource.random(3), DType.F32, type);
        WeightStore rounded = new WeightStore(backend, widened(narrow), DType.F32);

        double[] expected = lossAndGradients(rounded);
        double[] actual = lossAndGradients(narrow);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], offset(1e-5 * (1 + Math.abs(expected[i]))));
        }
        assertThat(expected[0]).as("loss").isBetween(5.0, 6.5);

        double[] next = decode(narrow);
        double[] nextRounded = decode(rounded);
        for (int i = 0; i < next.length; i++) {
            assertThat(next[i]).isCloseTo(nextRounded[i], offset(1e-4));
        }
        assertThat(narrow.bytes()).isLessThan((long) (rounded.bytes() * (type == BaseDType.INT8 ? 0.4 : 0.6)));
    }

    @Test
    void what_is_lost_is_reported() {
        QuantizationError bf16 = errorOf(BaseDType.BF16);
        QuantizationError int8 = errorOf(BaseDType.INT8);

        assertThat(bf16.matrices()).isEqualTo(2 + 4 * SMALL.nLayer());
        assertThat(bf16.relative()).isBetween(1.2e-3, 2.2e-3);      // 2⁻⁹ at most, evenly distributed below
        assertThat(int8.matrices()).as("positions are no product").isEqualTo(1 + 4 * SMALL.nLayer());
        assertThat(int8.relative()).isBetween(3e-3, 1.2e-2);
        assertThat(int8.worst()).isGreaterThanOrEqualTo(int8.relative());
        assertThat(int8.toString()).contains("int8", int8.worstAt());
        assertThat(errorOf(BaseDType.F32).any()).isFalse();
        assertThat(errorOf(BaseDType.STORED).any()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"STORED", "BF16"})
    void a_base_stored_in_the_type_is_used_where_it_lies(BaseDType type) {
        Tensor stored = backend.allocate(DType.BF16, Shape.of(4, 6));
        Tensor vector = backend.allocate(DType.BF16, Shape.of(6));
        backend.kernels().fill(stored, 0.5);
        backend.kernels().fill(vector, 0.5);
        WeightStore store = new WeightStore(
                backend, (_, _, shape, _) -> shape.rank() > 1 ? stored : vector, DType.F32, type);

        assertThat(store.get("w", Shape.of(4, 6), Initializer.zeros()).value()).isSameAs(stored);
        assertThat(store.get("b", Shape.of(6), Initializer.zeros()).dtype()).isEqualTo(DType.F32);
        assertThat(store.quantizationError().any()).isFalse();
    }

    @Test
    void numbers_beyond_the_type_are_refused_by_name() {
        WeightStore store = new WeightStore(backend, (on, _, shape, _) -> {
            Tensor large = on.allocate(DType.F32, shape);
            on.kernels().fill(large, 70000);
            return large;
        }, DType.F32, BaseDType.F16);

        assertThatThrownBy(() -> store.get("h.0.w", Shape.of(2, 2), Initializer.zeros()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'h.0.w'")
                .hasMessageContaining("F16");
    }

    @Test
    void merging_into_bytes_is_refused() {
        WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F32, BaseDType.INT8);
        try (LoraAdapter adapter = adapter(store)) {
            AdaptedModel<Gpt2> adapted = adapted(store, adapter);
            assertThatThrownBy(() -> Merge.of(adapted, store, MergeOptions.defaults()))
                    .hasMessageContaining("c_attn.weight").hasMessageContaining("as it is stored");
        }
    }

    private QuantizationError errorOf(BaseDType type) {
        WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F32, type);
        new Gpt2(SMALL, Weights.of(store, WeightOverrides.none()),
                Projections.plain());
        return store.quantizationError();
    }

    private WeightSource widened(WeightStore narrow) {
        return (on, path, shape, initializer) -> {
            boolean table = path.endsWith("wpe.weight");
            Frozen weight = table
                    ? narrow.get(path, shape, initializer)
                    : narrow.get(path, shape, initializer, path.contains("wte")
                            ? WeightOrder.OUT_IN
                            : WeightOrder.IN_OUT);
            Tensor wide = on.allocate(DType.F32, shape);
            on.kernels().copy(wide, weight.value());
            return wide;
        };
    }

    private static LoraAdapter adapter(WeightStore store) {
        return LoraAdapter.fresh(
                LoraConfig.builder().rank(4).alpha(8).targets(Targets.parse("c_attn,c_fc,c_proj")).build(), store, 9);
    }

    private static AdaptedModel<Gpt2> adapted(WeightStore store, LoraAdapter adapter) {
        return AdaptedModel.build(
                store, List.of(adapter), (weights, projections) -> new Gpt2(SMALL, weights, projections));
    }

    /// The loss of two sequences, then the gradients of all adapters, B being random.
    private double[] lossAndGradients(WeightStore store) {
        try (LoraAdapter adapter = adapter(store); Tape tape = Tape.training(pool, null)) {
            AdaptedModel<Gpt2> adapted = adapted(store, adapter);
            int stream = 0;
            for (Trainable weight : adapted.trainables()) {
                backend.kernels().normal(weight.value(), 0, 0.1, new RandomKey(5, stream++));
            }
            var loss = adapted.model().loss(tape, TokenBatch.of(List.of(PROMPT, new int[] {7, 8, 9})), 0, 0.05).loss();
            tape.backward(loss);
            double[] result = HostValues.doubles(backend, loss.value());
            for (Trainable weight : adapted.trainables()) {
                double[] grad = HostValues.doubles(backend, weight.grad());
                double[] longer = Arrays.copyOf(result, result.length + grad.length);
                System.arraycopy(grad, 0, longer, result.length, grad.length);
                result = longer;
            }
            return result;
        }
    }

    /// Logits after the prompt and one more token, which is a product of one row.
    private double[] decode(WeightStore store) {
        Gpt2 model = new Gpt2(SMALL, Weights.of(store, WeightOverrides.none()),
                Projections.plain());
        try (KeyValueCache cache = model.cache(1, 32); Tape tape = Tape.inference(pool)) {
            model.next(tape, PROMPT, Sequences.of(PROMPT.length), cache);
            return HostValues.doubles(backend, model.next(tape, new int[] {42}, Sequences.of(1), cache).value());
        }
    }
}
