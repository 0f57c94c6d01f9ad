package dev.lorikeet.cuda;

import dev.lorikeet.tensor.OutOfDeviceMemory;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/// The bytes of a device. Copies take place in the order of the launches.
interface DeviceMemory extends AutoCloseable {
    /// Address of `bytes` bytes, at least 1, aligned to 64 at least.
    ///
    /// @throws OutOfDeviceMemory if there is no room
    long allocate(long bytes);

    /// What [#allocate] throws for `bytes` bytes on `device` when it has no room.
    static OutOfDeviceMemory noRoom(String device, long bytes, long free, long total) {
        return new OutOfDeviceMemory(("%s has no room for %,d bytes: %,d of %,d bytes are free; a smaller batch, "
                + "blocks that are computed again or a base kept in bf16 takes less").formatted(
                        device, bytes, free, total), null);
    }

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

    /// Seconds that the device takes for what `work` asks of it. Waits for its end.
    double seconds(Runnable work);

    /// Bytes that are taken, by whomever; empty where that is not known.
    OptionalLong takenBytes();

    @Override
    void close();
}
