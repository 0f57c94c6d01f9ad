package dev.lorikeet.cuda;

import java.lang.foreign.MemorySegment;

/// The bytes of a device. Copies take place in the order of the launches.
interface DeviceMemory extends AutoCloseable {
    /// Address of `bytes` bytes, at least 1, aligned to 64 at least.
    ///
    /// @throws dev.lorikeet.tensor.OutOfDeviceMemory if there is no room
    long allocate(long bytes);

    /// Gives back what [#allocate] gave, when the work that was asked for before is done.
    void free(long address);

    /// Copies host bytes to `address`; `src` may be changed as soon as this returns.
    void upload(long address, MemorySegment src);

    /// Waits for the work asked for before, then copies bytes from `address` to the host.
    void download(MemorySegment dst, long address);

    /// Waits until everything asked for has been done.
    ///
    /// @throws LaunchFailed if a kernel failed since
    void synchronize();

    @Override
    void close();
}
