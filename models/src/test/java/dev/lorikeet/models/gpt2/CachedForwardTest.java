package dev.lorikeet.models.gpt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// However the tokens arrive, the logits are those of one pass over all of them.
class CachedForwardTest {
    private static final Gpt2Config SMALL = Gpt2Config.fresh(new FreshModel(101, 64, 48, 2, 4, -1));
    private static final int[] A = {5, 100, 17, 20, 9, 9, 41, 12, 77, 3, 25, 8, 1, 66};
    private static final int[] B = {91, 14, 33, 2, 58};

    private final Backend backend = Backends.open("cpu");
    private final Pool pool = new Pool(backend);
    private final Gpt2 model = new Gpt2(
            SMALL,
            Weights.of(new WeightStore(backend, WeightSource.random(3), DType.F32), WeightOverrides.none()),
            Projections.plain());

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    private double[] whole(int[] ids, int tokens) {
        try (Tape tape = Tape.inference(pool)) {
            double[] all = HostValues.doubles(
                    backend, model.logits(tape, TokenBatch.of(List.of(Arrays.copyOf(ids, tokens)))).value());
            return Arrays.copyOfRange(all, all.length - SMALL.vocabSize(), all.length);
        }
    }

    /// Adds tokens `from … to − 1` of both sequences and compares.
    private void add(KeyValueCache cache, int fromA, int toA, int fromB, int toB) {
        int[] ids = new int[toA - fromA + toB - fromB];
        System.arraycopy(A, fromA, ids, 0, toA - fromA);
        System.arraycopy(B, fromB, ids, toA - fromA, toB - fromB);
        try (Tape tape = Tape.inference(pool)) {
            double[] logits = HostValues.doubles(
                    backend, model.next(tape, ids, Sequences.of(toA - fromA, toB - fromB), cache).value());
            close(Arrays.copyOf(logits, SMALL.vocabSize()), whole(A, toA));
            close(Arrays.copyOfRange(logits, SMALL.vocabSize(), logits.length), whole(B, toB));
        }
    }

    private static void close(double[] actual, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], offset(2e-5));
        }
    }

    @Test
    void tokens_may_arrive_in_pieces_of_any_size() {
        try (KeyValueCache cache = model.cache(2, 14)) {
            add(cache, 0, 6, 0, 1);
            add(cache, 6, 7, 1, 2);
            add(cache, 7, 11, 2, 3);
            add(cache, 11, 12, 3, 5);
            assertThat(cache.length(0)).isEqualTo(12);
            assertThat(cache.length(1)).isEqualTo(5);
        }
    }

    @Test
    void one_sequence_is_decoded_token_by_token() {
        try (KeyValueCache cache = model.cache(1, A.length); Tape tape = Tape.inference(pool)) {
            model.next(tape, Arrays.copyOf(A, 3), Sequences.of(3), cache);
            for (int t = 3; t < A.length; t++) {
                close(HostValues.doubles(backend, model.next(tape, new int[] {A[t]}, Sequences.of(1), cache).value()),
                        whole(A, t + 1));
            }
            assertThatThrownBy(() -> model.next(tape, new int[] {1}, Sequences.of(1), cache))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("the cache holds 14");
        }
    }

    @Test
    void a_sequence_can_become_a_copy_of_another() {
        try (KeyValueCache cache = model.cache(2, 14); Tape tape = Tape.inference(pool)) {
            add(cache, 0, 6, 0, 4);
            cache.reorder(new int[] {1, 1});
            assertThat(cache.length(0)).isEqualTo(4);
            double[] logits = HostValues.doubles(
                    backend, model.next(tape, new int[] {B[4], B[4]}, Sequences.of(1, 1), cache).value());
            close(Arrays.copyOf(logits, SMALL.vocabSize()), whole(B, 5));
            close(Arrays.copyOfRange(logits, SMALL.vocabSize(), logits.length), whole(B, 5));
        }
    }
}
