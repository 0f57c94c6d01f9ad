package dev.lorikeet.tensor;

import java.lang.foreign.MemorySegment;

/// A run of bytes on some device. Tensors are views of storages; who frees a storage is decided by the scope that
/// allocated it (a backend, a pool, a mapped file), never by a tensor.
public interface Storage {
    /// Length in bytes.
    long bytes();

    /// First byte's address in the address space of its device.
    long address();

    /// The same bytes as host memory.
    ///
    /// @throws IllegalStateException if this storage does not live in host memory
    MemorySegment segment();
}
