package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Sequences longer than a block of 96 rows and than a group of four blocks, against the specification: what the short
/// sequences of the kernel contract do not reach.
class AttentionBlocksTest {
    private static final int HEADS = 2;
    private static final int HEAD_SIZE = 20;
    private static final int WIDTH = HEADS * HEAD_SIZE;

    private final CpuBackend backend = new CpuBackend(2);
    private final Kernels fast = backend.kernels();
    private final Kernels specification = new ScalarKernels();
    private final Random random = new Random(7);

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void a_causal_sequence_of_several_groups_agrees() {
        agrees(Sequences.of(401, 97), Sequences.of(401, 97), spec(true));
    }

    @Test
    void new_queries_after_a_long_cache_agree() {
        Sequences cache = Sequences.slots(new int[] {0, 300, 700}, new int[] {290, 389, 193});
        agrees(Sequences.of(130, 1, 3), cache, spec(true));
    }

    @Test
    void every_query_may_see_every_key() {
        agrees(Sequences.of(200), Sequences.of(111), spec(false));
    }

    @Test
    void dropped_weights_are_the_same_in_every_block() {
        agrees(Sequences.of(100, 200), Sequences.of(100, 200), spec(true).withDropout(0.3, new RandomKey(5, 9)));
    }

    private static AttentionSpec spec(boolean causal) {
        return new AttentionSpec(HEADS, 1 / Math.sqrt(HEAD_SIZE), causal);
    }

    private void agrees(Sequences queries, Sequences keys, AttentionSpec spec) {
        Tensor q = normal(queries.rows(), WIDTH);
        Tensor k = normal(keys.rows(), WIDTH);
        Tensor v = normal(keys.rows(), WIDTH);
        Tensor out = normal(queries.rows(), WIDTH);
        Tensor lse = normal(queries.rows(), HEADS);
        Tensor expectedOut = normal(queries.rows(), WIDTH);
        Tensor expectedLse = normal(queries.rows(), HEADS);
        fast.attention(out, lse, q, k, v, queries, keys, spec);
        specification.attention(expectedOut, expectedLse, q, k, v, queries, keys, spec);
        close(out, expectedOut);
        close(lse, expectedLse);

        for (Tensor result : Arrays.asList(expectedOut, null)) {
            gradientsAgree(q, k, v, result, expectedLse, queries, keys, spec);
        }
    }

    private void gradientsAgree(Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, Sequences queries, Sequences keys,
            AttentionSpec spec) {
        Tensor dout = normal(queries.rows(), WIDTH);
        Tensor delta = normal(queries.rows(), HEADS);
        Tensor[] actual = {normal(queries.rows(), WIDTH), normal(keys.rows(), WIDTH), normal(keys.rows(), WIDTH)};
        Tensor[] expected = {copy(actual[0]), copy(actual[1]), copy(actual[2])};
        fast.attentionBackward(actual[0], actual[1], actual[2], delta, dout, out, lse, q, k, v, queries, keys, spec,
                0.5);
        specification.attentionBackward(expected[0], expected[1], expected[2], delta, dout, out, lse, q, k, v, queries,
                keys, spec, 0.5);
        for (int i = 0; i < actual.length; i++) {
            close(actual[i], expected[i]);
        }
    }

    private Tensor normal(int rows, int cols) {
        Tensor tensor = backend.allocate(DType.F32, Shape.of(rows, cols));
        for (long i = 0; i < tensor.size(); i++) {
            Lanes.set(tensor.address() + 4 * i, (float) random.nextGaussian());
        }
        return tensor;
    }

    private Tensor copy(Tensor tensor) {
        Tensor copy = backend.allocate(DType.F32, tensor.shape());
        specification.copy(copy, tensor);
        return copy;
    }

    /// Sums of at most 401 terms: errors of a few units in the last place of numbers around 1.
    private static void close(Tensor actual, Tensor expected) {
        double worst = 0;
        for (long i = 0; i < actual.size(); i++) {
            float e = Lanes.get(expected.address() + 4 * i);
            float a = Lanes.get(actual.address() + 4 * i);
            assertThat(a).isFinite();
            worst = Math.max(worst, Math.abs(a - e) / (1 + Math.abs(e)));
        }
        assertThat(worst).isLessThan(5e-6);
    }
}
