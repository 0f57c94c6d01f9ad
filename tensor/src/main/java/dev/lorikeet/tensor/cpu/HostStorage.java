package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Storage;
import java.lang.foreign.MemorySegment;

/// Bytes in host memory outside the Java heap. Keeps the segment, and with it a mapped file, reachable.
record HostStorage(MemorySegment segment) implements Storage {
    HostStorage {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("host storages live outside the Java heap, this segment does not");
        }
    }

    @Override
    public long bytes() {
        return segment.byteSize();
    }

    @Override
    public long address() {
        return segment.address();
    }
}
