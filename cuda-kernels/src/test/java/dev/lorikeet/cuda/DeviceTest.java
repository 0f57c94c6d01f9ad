package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HostNumbers;
import dev.lorikeet.tensor.KernelContract;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// A real GPU, where there is one.
final class DeviceTest {
    /// System property: the device, another one than `cuda:0`, perhaps with a math mode: `cuda:0:tf32`.
    static final String DEVICE = "lorikeet.device";
    /// System property: `small` for the checks of small shapes only.
    static final String EXTENT = "lorikeet.extent";

    private static final String NAME = System.getProperty(DEVICE, "cuda:0");
    private static final boolean SMALL = System.getProperty(EXTENT, "all").equals("small");
    private static final int FEW = 6;
    private static final int STEPS = 5;
    private static final int LAYERS = SMALL ? 4 : 30;

    private static Backend device;

    @BeforeEach
    void open() {
        Optional<String> refusal = NAME.startsWith("cuda:") ? new CudaProvider().refusal() : Optional.empty();
        assumeTrue(refusal.isEmpty(), () -> "needs an NVIDIA GPU: " + refusal.get());
        if (device == null) {
            device = Backends.open(NAME);
            System.out.println(NAME + " is " + device.description());
        }
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    /// In a math mode that rounds what products multiply, only what multiplies: everything else is the same in each.
    @TestFactory
    Stream<DynamicNode> every_kernel_agrees_with_the_specification() {
        Stream<DynamicNode> kernels = NAME.endsWith(":tf32") ? KernelContract.ofRoundedProducts(device, 0x1p-11)
                : NAME.endsWith(":bf16") ? KernelContract.ofRoundedProducts(device, 0x1p-8)
                : KernelContract.of(device, DType.F32);
        return SMALL ? kernels.map(kernel -> fewOf((DynamicContainer) kernel)) : kernels;
    }

    private static DynamicNode fewOf(DynamicContainer kernel) {
        return DynamicContainer.dynamicContainer(kernel.getDisplayName(), kernel.getChildren().limit(FEW));
    }

    @TestFactory
    Stream<DynamicNode> tf32_agrees_with_the_specification() {
        return roundedProducts("cuda:0:tf32", 0x1p-11);
    }

    @TestFactory
    Stream<DynamicNode> bf16_agrees_with_the_specification() {
        return roundedProducts("cuda:0:bf16", 0x1p-8);
    }

    private static Stream<DynamicNode> roundedProducts(String name, double roundoff) {
        assumeTrue(System.getProperty(DEVICE) == null, "the device that was asked for has a math mode of its own");
        Backend rounding = Backends.open(name);
        return KernelContract.ofRoundedProducts(rounding, roundoff).onClose(rounding::close);
    }

    @Test
    void a_request_that_finds_no_room_is_named_and_harms_nothing() {
        assumeTrue(NAME.startsWith("cuda:"), "the host lends more than it has");
        Tensor small = HostNumbers.upload(device, DType.F32, Shape.of(3), 1, 2, 3);
        assertThatThrownBy(() -> device.allocate(1L << 50)).isInstanceOf(OutOfDeviceMemory.class)
                .hasMessageContaining("no room for 1,125,899,906,842,624 bytes").hasMessageContaining("are free")
                .hasMessageContaining("bf16");
        device.kernels().add(small, small, small);
        assertThat(HostNumbers.download(device, small)).containsExactly(2, 4, 6);
        device.free(small.storage());
    }

    @Test
    void a_launch_that_is_refused_names_kernel_operands_and_grid() {
        assumeTrue(NAME.startsWith("cuda:"), "needs an NVIDIA driver");
        try (DriverContext context = DriverContext.open(0)) {
            KernelCache cache = new KernelCache(KernelCache.usualFolder(System.getenv()),
                    new NvrtcCompiler(context.capability()));
            DriverLauncher launcher = new DriverLauncher(context, cache);
            Arguments arguments = new Arguments().clear().matrix(0, 0, 0, 0).single(0);
            assertThatThrownBy(() -> launcher.launch(new Kernel("elementwise", "scale"), 7, 5, 4096, 0, arguments))
                    .isInstanceOf(LaunchFailed.class)
                    .hasMessageStartingWith("kernel scale of elementwise.cu with [] in 7 x 5 blocks of 4096 threads");
            launcher.close();
        }
    }

    /// More than the pinned buffers hold, so that they are taken in turn.
    @Test
    void large_copies_arrive_whole() {
        int n = 20_000_003;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(4L * n, 64);
            for (int i = 0; i < n; i++) {
                numbers.setAtIndex(ValueLayout.JAVA_INT, i, i * 0x9E3779B9);
            }
            Tensor tensor = device.allocate(DType.I32, Shape.of(n));
            device.upload(tensor, numbers);
            MemorySegment back = arena.allocate(4L * n, 64);
            device.download(back, tensor);
            assertThat(numbers.mismatch(back)).isEqualTo(-1);
            device.free(tensor.storage());
        }
    }

    @Test
    void the_same_call_gives_the_same_bits() {
        Tensor x = device.allocate(DType.F32, Shape.of(700, 256));
        Tensor out = device.allocate(DType.F32, Shape.of(700, 256));
        device.kernels().normal(x, 0, 1, new RandomKey(1, 2));
        Sequences sequences = Sequences.of(300, 1, 399);
        double[] first = null;
        for (int i = 0; i < 5; i++) {
            device.kernels().attention(out, null, x, x, x, sequences, sequences, new AttentionSpec(4, 0.125, true));
            double[] now = HostNumbers.download(device, out);
            assertThat(first == null ? now : first).isEqualTo(now);
            first = now;
        }
    }

    /// Ids, lengths and random streams differ from step to step; memory is the same, as a pool's is. Kernels, products
    /// and uploads are captured.
    @Test
    void a_step_that_repeats_itself_becomes_graphs_that_compute_the_same() {
        assumeTrue(device instanceof CudaBackend, "needs a device with graphs");
        int rows = SMALL ? 24 : 300;
        Tensor ids = device.allocate(DType.I32, Shape.of(rows));
        Tensor table = device.allocate(DType.F32, Shape.of(50, 256));
        Tensor x = device.allocate(DType.F32, Shape.of(rows, 256));
        Tensor y = device.allocate(DType.F32, Shape.of(rows, 256));
        device.kernels().normal(table, 0, 1, new RandomKey(3, 4));
        List<double[]> plain = new ArrayList<>();
        for (int step = 0; step < 2 * STEPS; step++) {
            RandomKey random = new RandomKey(5, (long) (step % STEPS) << 20);
            int[] now = IntStream.range(0, rows).map(i -> (i * 7 + random.hashCode()) & 31).toArray();
            int more = step % STEPS;
            Sequences sequences = Sequences.of(rows / 2 - more, 1, rows - rows / 2 - 1 + more);
            Runnable work = () -> {
                device.upload(ids, MemorySegment.ofArray(now));
                device.kernels().gatherRows(x, table, ids, 0);
                for (int layer = 0; layer < LAYERS; layer++) {
                    device.kernels().attention(y, null, x, x, x, sequences, sequences,
                            new AttentionSpec(4, 0.125, true));
                    device.kernels().gemm(y.cols(0, 50), x, false, table, true, 0.05, 1);
                    device.kernels().dropout(x, y, 0.1, random.withStream(random.stream() + layer), 0);
                }
            };
            if (step < STEPS) {
                work.run();
                plain.add(HostNumbers.download(device, x));
            } else {
                device.replay("step", random, work);
                assertThat(HostNumbers.download(device, x)).as("step " + step).isEqualTo(plain.get(step - STEPS));
            }
        }
        assertThat(plain.getLast()).isNotEqualTo(plain.getFirst()).doesNotContain(Double.NaN);
        assertThat(((CudaBackend) device).graphLaunches()).isPositive();
        Stream.of(ids, table, x, y).forEach(tensor -> device.free(tensor.storage()));
    }
}
