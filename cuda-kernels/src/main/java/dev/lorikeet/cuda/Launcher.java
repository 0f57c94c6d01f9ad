package dev.lorikeet.cuda;

/// Starts kernels, in the order in which they are asked for. What they compute is known after
/// [DeviceMemory#synchronize] at the latest.
interface Launcher extends AutoCloseable {
    /// Starts `x·y` blocks of `threads` threads.
    ///
    /// @param sharedBytes dynamic shared memory of a block
    /// @param arguments   the kernel's arguments; may be reused as soon as this returns
    /// @throws LaunchFailed if the kernel cannot be compiled or started, or an earlier one failed
    void launch(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments);

    /// Dynamic shared memory that a block may have at most.
    int sharedBytesOfBlock();

    @Override
    void close();
}
