package dev.lorikeet.cuda;

import dev.lorikeet.tensor.RandomKey;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/// Work for one device in one order: launches, products, copies. Keeps the memory that kernels need for themselves, and
/// holds back what can be joined into one launch until something else is asked for.
final class Stream implements AutoCloseable {
    /// What kernels keep between their launches. Each grows to the largest request and stays.
    enum Scratch {
        /// Partial sums.
        PARTIALS,
        /// The left operand of a product in another type.
        LEFT,
        /// The right operand of a product in another type.
        RIGHT,
        /// The first random stream of a step.
        STEP
    }

    private record Block(long address, long bytes) {}

    private final GraphCache device;
    private final Arguments arguments = new Arguments();
    private final Map<Scratch, Block> scratch = new EnumMap<>(Scratch.class);
    private final long bytesOfBlas;
    private final boolean capturesGraphs;
    private Runnable heldBack = () -> {};
    private boolean capturing;
    private long runs;
    private long epoch;

    /// @param graphs null if everything is to be launched one by one
    Stream(Launcher launcher, Blas blas, DeviceMemory memory, Graphs graphs) {
        this.capturesGraphs = graphs != null;
        this.device = new GraphCache(launcher, blas, memory, graphs);
        this.bytesOfBlas = blas.workspaceBytes();
    }

    /// Whether [#replay] makes graphs.
    boolean capturesGraphs() {
        return capturesGraphs;
    }

    /// Does `work`, a part of a step that asks for the same whenever `shape` is equal, as graphs from the second time
    /// on: see [GraphCache].
    ///
    /// @param random the first of the step's random streams, or null if it draws from none
    void replay(Object shape, RandomKey random, Runnable work) {
        if (!capturesGraphs || capturing) {
            work.run();
            return;
        }
        heldBack.run();
        capturing = true;
        runs++;
        epoch++;
        try {
            device.run(shape, () -> {
                if (random != null) {
                    long address = scratch(Scratch.STEP, Long.BYTES);
                    device.upload(address, MemorySegment.ofArray(new long[] {random.stream()}));
                    arguments.streamsOfStep(random, address);
                }
                work.run();
                heldBack.run();
            });
        } finally {
            arguments.streamsOfStep(null, 0);
            capturing = false;
            epoch++;
        }
    }

    /// Whether what is asked for now belongs to a part of a step that is captured or replayed.
    boolean isCapturing() {
        return capturing;
    }

    /// How many such parts have begun.
    long runs() {
        return runs;
    }

    /// Changes whenever such a part begins or ends. What was uploaded in another epoch may not be where it was meant to
    /// be: a part that fails drops what was asked of it and not yet carried out, and a graph brings back what it was
    /// captured with.
    long epoch() {
        return epoch;
    }

    /// How often a graph was launched in place of its kernels.
    long graphLaunches() {
        return device.graphLaunches();
    }

    /// How many of the [#runs] were carried out as graphs from beginning to end.
    long replayedRuns() {
        return device.replayedRuns();
    }

    /// Asks `work` to launch what it holds back, whenever something else is about to happen.
    void holdsBack(Runnable work) {
        heldBack = work;
    }

    /// Empty arguments for the next launch. What was held back is launched now.
    Arguments arguments() {
        heldBack.run();
        return arguments.clear();
    }

    /// Launches with what was put into [#arguments].
    void launch(Kernel kernel, long x, long y, int threads, int sharedBytes) {
        device.launch(kernel, Math.toIntExact(x), Math.toIntExact(y), threads, sharedBytes, arguments);
    }

    void launch(Kernel kernel, long x, long y, int threads) {
        launch(kernel, x, y, threads, 0);
    }

    /// Dynamic shared memory that a block may have at most.
    int sharedBytesOfBlock() {
        return device.sharedBytesOfBlock();
    }

    /// Matrix products, after what was held back.
    Blas blas() {
        heldBack.run();
        return device;
    }

    /// Memory, after what was held back.
    DeviceMemory memory() {
        heldBack.run();
        return device;
    }

    /// Address of at least `bytes` bytes with arbitrary content, until the next request of the same kind.
    long scratch(Scratch kind, long bytes) {
        Block block = scratch.get(kind);
        if (block == null || block.bytes() < bytes) {
            if (block != null) {
                memory().free(block.address());
                scratch.remove(kind);
            }
            // a part more than is wanted, so that batches that grow little by little do not move it each time
            long room = capturesGraphs ? bytes + bytes / 8 : bytes;
            block = new Block(memory().allocate(room), room);
            scratch.put(kind, block);
        }
        return block.address();
    }

    /// Bytes of all kinds, and what the library of products keeps for itself.
    long scratchBytes() {
        return bytesOfBlas + scratch.values().stream().mapToLong(Block::bytes).sum();
    }

    @Override
    public void close() {
        heldBack.run();
        device.close();
    }
}
