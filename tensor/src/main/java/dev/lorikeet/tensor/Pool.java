package dev.lorikeet.tensor;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Recycles step memory: storages given back are handed out again instead of being allocated anew.
///
/// Requests are rounded up to a size class (eight classes per power of two, so at most 12.5 % is lost), and the
/// smallest free storage that is large enough, but at most a quarter larger, is taken: saved activations are most of a
/// step, and what they hold beyond their need is lost until the backward pass. A training step that repeats its shapes
/// allocates nothing from the second step on. Where shapes change from step to step, free storages that fit nothing are
/// returned to the device before more than half of the peak would lie idle. Not thread-safe: a pool belongs to the
/// thread that runs the step.
public final class Pool implements AutoCloseable {
    private final Backend backend;
    private final TreeMap<Long, ArrayDeque<Storage>> free = new TreeMap<>();
    private final Set<Storage> owned = Collections.newSetFromMap(new IdentityHashMap<>());
    private long allocations;
    private long ownedBytes;
    private long usedBytes;
    private long peakBytes;

    public Pool(Backend backend) {
        this.backend = backend;
    }

    /// The device whose memory this pool recycles.
    public Backend backend() {
        return backend;
    }

    /// A storage of at least `bytes` bytes with arbitrary content.
    public Storage take(long bytes) {
        long size = sizeClass(bytes);
        Map.Entry<Long, ArrayDeque<Storage>> fit = free.ceilingEntry(size);
        Storage storage;
        if (fit != null && fit.getKey() <= size + size / 4) {
            storage = pop(fit);
        } else {
            evict(size);
            storage = backend.allocate(size);
            owned.add(storage);
            allocations++;
            ownedBytes += size;
        }
        usedBytes += storage.bytes();
        peakBytes = Math.max(peakBytes, usedBytes);
        return storage;
    }

    /// Makes room for `size` bytes more, the largest free storages first.
    private void evict(long size) {
        long peak = Math.max(peakBytes, usedBytes + size);
        while (!free.isEmpty() && ownedBytes + size > peak + peak / 2) {
            Storage storage = pop(free.lastEntry());
            owned.remove(storage);
            ownedBytes -= storage.bytes();
            backend.free(storage);
        }
    }

    private Storage pop(Map.Entry<Long, ArrayDeque<Storage>> entry) {
        Storage storage = entry.getValue().pop();
        if (entry.getValue().isEmpty()) {
            free.remove(entry.getKey());
        }
        return storage;
    }

    /// Gives back a storage of [#take].
    public void give(Storage storage) {
        usedBytes -= storage.bytes();
        backend.recycled(storage);
        free.computeIfAbsent(storage.bytes(), _ -> new ArrayDeque<>()).push(storage);
    }

    /// How often the device had to be asked for memory so far.
    public long allocations() {
        return allocations;
    }

    /// Bytes obtained from the device.
    public long ownedBytes() {
        return ownedBytes;
    }

    /// Bytes handed out at present.
    public long usedBytes() {
        return usedBytes;
    }

    /// The most bytes that were ever handed out at once.
    public long peakBytes() {
        return peakBytes;
    }

    @Override
    public void close() {
        owned.forEach(backend::free);
        owned.clear();
        free.clear();
    }

    static long sizeClass(long bytes) {
        if (bytes <= 512) {
            return 512;
        }
        long step = Math.max(64, Long.highestOneBit(bytes - 1) >> 3);
        return (bytes + step - 1) / step * step;
    }
}
