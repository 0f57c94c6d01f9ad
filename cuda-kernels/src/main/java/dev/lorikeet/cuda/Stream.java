package dev.lorikeet.cuda;

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
        RIGHT
    }

    private record Block(long address, long bytes) {}

    private final Launcher launcher;
    private final Blas blas;
    private final DeviceMemory memory;
    private final Arguments arguments = new Arguments();
    private final Map<Scratch, Block> scratch = new EnumMap<>(Scratch.class);
    private Runnable heldBack = () -> {};

    Stream(Launcher launcher, Blas blas, DeviceMemory memory) {
        this.launcher = launcher;
        this.blas = blas;
        this.memory = memory;
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
        launcher.launch(kernel, Math.toIntExact(x), Math.toIntExact(y), threads, sharedBytes, arguments);
    }

    void launch(Kernel kernel, long x, long y, int threads) {
        launch(kernel, x, y, threads, 0);
    }

    /// Matrix products, after what was held back.
    Blas blas() {
        heldBack.run();
        return blas;
    }

    /// Memory, after what was held back.
    DeviceMemory memory() {
        heldBack.run();
        return memory;
    }

    /// Address of at least `bytes` bytes with arbitrary content, until the next request of the same kind.
    long scratch(Scratch kind, long bytes) {
        Block block = scratch.get(kind);
        if (block == null || block.bytes() < bytes) {
            if (block != null) {
                memory().free(block.address());
                scratch.remove(kind);
            }
            block = new Block(memory().allocate(bytes), bytes);
            scratch.put(kind, block);
        }
        return block.address();
    }

    long scratchBytes() {
        return scratch.values().stream().mapToLong(Block::bytes).sum();
    }

    @Override
    public void close() {
        heldBack.run();
        launcher.close();
        blas.close();
        memory.close();
    }
}
