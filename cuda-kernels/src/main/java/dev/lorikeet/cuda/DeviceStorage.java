package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Storage;
import java.lang.foreign.MemorySegment;

/// Bytes in a device's memory.
record DeviceStorage(long address, long bytes) implements Storage {
    @Override
    public MemorySegment segment() {
        throw new IllegalStateException("%d bytes of device memory cannot be read by the host: download them"
                .formatted(bytes));
    }
}
