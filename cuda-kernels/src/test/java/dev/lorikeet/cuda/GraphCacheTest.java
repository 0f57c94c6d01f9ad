package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HostNumbers;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Steps that repeat themselves become graphs, and compute what they computed before.
final class GraphCacheTest {
    private static final int WIDTH = 16;
    private static final int LAYERS = 20;                    // 82 requests: two segments

    private HostDevice device;
    private CudaBackend backend;
    private Pool pool;
    private Tensor table;
    private Tensor weight;
    private Tensor result;

    @BeforeEach
    void open() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
        device = new HostDevice(HostCompiler.library());
        backend = device.open(MathMode.F32, true);
        pool = new Pool(backend);
        table = backend.allocate(DType.F32, Shape.of(10, WIDTH));
        weight = backend.allocate(DType.F32, Shape.of(WIDTH, WIDTH));
        backend.kernels().normal(table, 0, 1, new RandomKey(1, 1));
        backend.kernels().normal(weight, 0, 0.05, new RandomKey(1, 2));
    }

    @AfterEach
    void close() {
        if (backend != null) {
            pool.close();
            backend.close();
        }
    }

    /// Something like a model: look-up, then blocks of attention, product and dropout, all memory from the pool.
    private void step(RandomKey random, int... ids) {
        pool.beginStep();
        List<Storage> taken = new ArrayList<>();
        Tensor index = take(taken, DType.I32, Shape.of(ids.length));
        backend.upload(index, MemorySegment.ofArray(ids));
        Tensor x = take(taken, DType.F32, Shape.of(ids.length, WIDTH));
        backend.kernels().gatherRows(x, table, index, 0);
        Sequences sequences = Sequences.of(2, ids.length - 2);
        for (int layer = 0; layer < LAYERS; layer++) {
            AttentionSpec spec = new AttentionSpec(2, 0.3, true).withDropout(0.2, stream(random, 3 * layer));
            Tensor attended = take(taken, DType.F32, x.shape());
            backend.kernels().attention(attended, null, x, x, x, sequences, sequences, spec);
            Tensor y = take(taken, DType.F32, x.shape());
            backend.kernels().gemm(y, attended, false, weight, true, 1, 0);
            backend.kernels().dropout(y, y, 0.5, stream(random, 3 * layer + 1), 0);
            backend.kernels().add(x, x, y);
        }
        result = x;
        taken.forEach(pool::give);
    }

    private static RandomKey stream(RandomKey first, int site) {
        return first.withStream(first.stream() + site);
    }

    private Tensor take(List<Storage> taken, DType dtype, Shape shape) {
        Storage storage = pool.take(shape.size() * dtype.bytes());
        taken.add(storage);
        return Tensor.of(storage, dtype, shape);
    }

    private double[] plainly(RandomKey random, int... ids) {
        step(random, ids);
        return HostNumbers.download(backend, result);
    }

    private double[] repeated(Object shape, RandomKey random, int... ids) {
        backend.replay(shape, random, () -> step(random, ids));
        return HostNumbers.download(backend, result);
    }

    private static RandomKey key(int step) {
        return new RandomKey(5, (long) step << 20);
    }

    private static int[] ids(int step) {
        return new int[] {step % 10, 1, (3 * step + 4) % 10, 7, (step + 2) % 10};
    }

    @Test
    void from_the_fourth_step_on_graphs_are_launched_and_nothing_else() {
        for (int step = 0; step < 3; step++) {
            repeated("shape", key(step), ids(step));
        }
        long graphs = backend.graphLaunches();
        long launches = device.launches();
        long products = device.products();
        repeated("shape", key(3), ids(3));
        assertThat(device.launches()).as("kernels that were launched one by one").isEqualTo(launches);
        assertThat(device.products()).isEqualTo(products);
        assertThat(backend.graphLaunches()).isEqualTo(graphs + 1 + (2 + 4 * LAYERS) / GraphCache.SEGMENT);
    }

    @Test
    void graphs_compute_what_launches_compute_with_the_ids_and_the_masks_of_their_step() {
        List<double[]> expected = new ArrayList<>();
        for (int step = 0; step < 8; step++) {
            expected.add(plainly(key(step), ids(step)));
        }
        assertThat(expected.get(5)).isNotEqualTo(expected.get(4));
        for (int step = 0; step < 8; step++) {
            assertThat(repeated("shape", key(step), ids(step))).as("step " + step).isEqualTo(expected.get(step));
        }
        assertThat(backend.graphLaunches()).isPositive();
    }

    @Test
    void every_shape_has_graphs_of_its_own() {
        int[] longer = {1, 2, 3, 4, 5, 6, 7, 8};
        double[] expected = plainly(key(7), longer);
        for (int step = 0; step < 6; step++) {
            repeated("short", key(step), ids(step));
            repeated("long", key(step), longer);
        }
        long graphs = backend.graphLaunches();
        assertThat(repeated("long", key(7), longer)).isEqualTo(expected);
        assertThat(backend.graphLaunches()).isGreaterThan(graphs);
    }

    @Test
    void a_step_that_is_not_what_it_was_is_carried_out_as_it_is() {
        for (int step = 0; step < 4; step++) {
            repeated("shape", key(step), ids(step));
        }
        long graphs = backend.graphLaunches();
        pool.beginStep();
        Storage inTheWay = pool.take(4L * WIDTH * ids(0).length);     // the step finds other memory from its start on
        double[] actual = repeated("shape", key(9), ids(9));
        assertThat(backend.graphLaunches()).as("graphs of the old addresses").isEqualTo(graphs);
        pool.give(inTheWay);
        assertThat(actual).isEqualTo(plainly(key(9), ids(9)));
    }

    @Test
    void a_shape_that_never_repeats_itself_is_given_up() {
        for (int step = 0; step < 2 * GraphCache.PATIENCE; step++) {
            double factor = step;
            backend.replay("shape", null, () -> backend.kernels().axpby(weight, 0, weight, factor));
        }
        long launches = device.launches();
        for (int step = 0; step < 10; step++) {
            backend.replay("shape", null, () -> backend.kernels().axpby(weight, 0, weight, 1));
        }
        assertThat(backend.graphLaunches()).isZero();
        assertThat(device.launches()).isEqualTo(launches + 10);
    }

    @Test
    void a_result_that_is_wanted_in_the_middle_is_there() {
        for (int step = 0; step < 5; step++) {
            backend.kernels().fill(weight, step);
            backend.replay("shape", null, () -> {
                backend.kernels().axpby(weight, 1, weight, 1);
                double norm = backend.kernels().sumOfSquares(weight);
                backend.kernels().fill(table, Math.sqrt(norm / weight.size()));
            });
            assertThat(HostNumbers.download(backend, table)).containsOnly(2.0 * step);
        }
    }

    @Test
    void a_step_that_fails_leaves_a_device_that_goes_on() {
        for (int step = 0; step < 4; step++) {
            repeated("shape", key(step), ids(step));
        }
        try {
            backend.replay("shape", key(4), () -> {
                step(key(4), ids(4));
                throw new IllegalStateException("out of room");
            });
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("out of room");
        }
        assertThat(repeated("shape", key(5), ids(5))).isEqualTo(plainly(key(5), ids(5)));
    }

    @Test
    void tiles_that_a_failed_step_did_not_upload_are_uploaded_by_what_follows() {
        Sequences sequences = Sequences.of(20, 5, 12);
        Sequences others = Sequences.of(37);
        Tensor x = backend.allocate(DType.F32, Shape.of(37, WIDTH));
        Tensor out = backend.allocate(DType.F32, x.shape());
        backend.kernels().normal(x, 0, 1, new RandomKey(1, 2));
        AttentionSpec spec = new AttentionSpec(2, 0.3, false);
        Runnable attention = () -> backend.kernels().attention(out, null, x, x, x, sequences, sequences, spec);
        attention.run();
        double[] expected = HostNumbers.download(backend, out);
        backend.replay("shape", null,
                () -> backend.kernels().attention(out, null, x, x, x, others, others, spec));
        assertThat(HostNumbers.download(backend, out)).isNotEqualTo(expected);
        assertThatThrownBy(() -> backend.replay("shape", null, () -> {
            attention.run();
            throw new IllegalStateException("out of room");
        })).hasMessage("out of room");
        attention.run();
        assertThat(HostNumbers.download(backend, out)).isEqualTo(expected);
    }

    @Test
    void work_has_ended_when_modules_are_unloaded() {
        List<String> asked = new ArrayList<>();
        new GraphCache(noting(Launcher.class, asked), noting(Blas.class, asked), noting(DeviceMemory.class, asked),
                device).close();
        assertThat(asked).containsExactly("DeviceMemory.synchronize", "Launcher.close", "Blas.close",
                "DeviceMemory.close");
    }

    /// A device's role that does nothing but note what it is asked.
    private static <T> T noting(Class<T> role, List<String> asked) {
        return role.cast(Proxy.newProxyInstance(role.getClassLoader(), new Class<?>[] {role}, (_, method, _) -> {
            asked.add(role.getSimpleName() + "." + method.getName());
            return null;
        }));
    }

    /// Self-attention over each of these sequences, all of 100 rows.
    private static List<double[]> attended(Backend backend, List<Sequences> ragged) {
        Tensor x = backend.allocate(DType.F32, Shape.of(100, WIDTH));
        Tensor out = backend.allocate(DType.F32, x.shape());
        List<double[]> results = new ArrayList<>();
        for (Sequences sequences : ragged) {
            RandomKey random = key(results.size());
            backend.kernels().normal(x, 0, 1, random);
            backend.replay("ragged", random, () -> backend.kernels().attention(
                    out, null, x, x, x, sequences, sequences,
                    new AttentionSpec(2, 0.3, true).withDropout(0.2, stream(random, 1))));
            results.add(HostNumbers.download(backend, out));
        }
        return results;
    }

    @Test
    void lengths_of_sequences_and_the_rows_that_are_the_batchs_own_are_uploads() {
        List<Sequences> ragged = List.of(Sequences.of(70, 5, 25), Sequences.of(1, 98, 1), Sequences.of(33, 34, 33),
                Sequences.of(64, 35, 1), Sequences.padded(new int[] {60, 30, 10}, 2, 90), Sequences.of(0, 0, 100));
        try (CudaBackend plain = HostDevice.open(HostCompiler.library(), MathMode.F32, false)) {
            List<double[]> expected = attended(plain, ragged);
            assertThat(plain.replayedShare()).isEmpty();
            List<double[]> actual = attended(backend, ragged);
            for (int step = 0; step < ragged.size(); step++) {
                assertThat(actual.get(step)).as("step " + step).isEqualTo(expected.get(step));
            }
        }
        assertThat(backend.replayedShare()).hasValue(5 / 6.0);
    }

    @Test
    void a_device_that_cannot_capture_is_asked_for_everything_one_by_one() {
        Graphs refusing = new Graphs() {
            @Override
            public Graph capture(Runnable requests) {
                throw new LaunchFailed("not here");
            }

            @Override
            public MemorySegment pinned(long bytes) {
                return device.pinned(bytes);
            }

            @Override
            public void release(MemorySegment pinned) {
                device.release(pinned);
            }
        };
        CudaBackend willing = backend;
        backend = new CudaBackend(0, "host", Map.of(), new Stream(device, device, device, refusing), MathMode.F32,
                DeltaProducts.KERNELS);
        for (int step = 0; step < 5; step++) {
            assertThat(repeated("shape", key(step), ids(step))).isEqualTo(plainly(key(step), ids(step)));
        }
        assertThat(backend.graphLaunches()).isZero();
        assertThat(backend.replayedShare()).hasValue(0);
        backend = willing;
    }

    @Test
    void as_many_shapes_as_an_epoch_has_are_remembered() {
        for (int step = 0; step < 4 * GraphCache.SHAPES; step++) {
            double shape = step % GraphCache.SHAPES;
            backend.replay(shape, null, () -> backend.kernels().axpby(weight, 0, weight, shape));
        }
        assertThat(backend.replayedShare().orElseThrow()).isEqualTo(0.75);
    }
}
