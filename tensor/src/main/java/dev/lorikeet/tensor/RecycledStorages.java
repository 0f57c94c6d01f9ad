package dev.lorikeet.tensor;

import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/// Storages, each of which is handed out again when it has been given back.
///
/// Requests are rounded up to a size class (eight classes per power of two, so at most 12.5 % is lost), and the
/// smallest free storage that is large enough, but at most a quarter larger, is taken: saved activations are most of a
/// step, and what they hold beyond their need is lost until the backward pass. What is wanted only briefly may lie in
/// a free storage up to [#STAND_IN] times as large ([#takeTemporary], [#takeForBackward]), so that the largest
/// temporary of a step, a chunk of logits, lends its memory to the others.
///
/// A training step that repeats its shapes allocates nothing from the second step on. Where shapes change from step to
/// step, free storages that fit nothing are returned to the device before more than half of the peak would lie idle,
/// and all of them before a request fails for want of room.
final class RecycledStorages implements StepMemory {
    /// How much larger than its need the storage of something short-lived may be.
    private static final int STAND_IN = 8;

    private final Backend backend;
    private final FreeStorages free = new FreeStorages();
    /// Those that [#take] never hands out.
    private final FreeStorages freeBrief = new FreeStorages();
    /// With the number of the allocation.
    private final Map<Storage, Long> owned = new IdentityHashMap<>();
    private final Set<Storage> brief = Collections.newSetFromMap(new IdentityHashMap<>());
    private long allocations;
    private long ownedBytes;
    private long usedBytes;
    private long peakBytes;

    RecycledStorages(Backend backend) {
        this.backend = backend;
    }

    @Override
    public Storage take(long bytes) {
        long size = sizeClass(bytes);
        Storage storage = free.smallest(size, size + size / 4);
        return handOut(storage == null ? allocate(size) : storage);
    }

    /// It never lies where something else might have to stay: the next step would miss that.
    @Override
    public Storage takeTemporary(long bytes) {
        long size = sizeClass(bytes);
        Storage storage = freeBrief.smallest(size, STAND_IN * size);
        return handOut(storage == null ? allocateBrief(size) : storage);
    }

    @Override
    public Storage takeForBackward(long bytes) {
        long size = sizeClass(bytes);
        Storage storage = smallest(freeBrief, free, size, size + size / 4);
        if (storage == null) {
            storage = smallest(freeBrief, free, size, STAND_IN * size);
        }
        return handOut(storage == null ? allocateBrief(size) : storage);
    }

    private static Storage smallest(FreeStorages first, FreeStorages second, long least, long most) {
        Storage storage = first.smallest(least, most);
        return storage == null ? second.smallest(least, most) : storage;
    }

    private Storage handOut(Storage storage) {
        usedBytes += storage.bytes();
        peakBytes = Math.max(peakBytes, usedBytes);
        return storage;
    }

    private Storage allocate(long size) {
        evict(size);
        Storage storage = demand(size);
        owned.put(storage, allocations++);
        ownedBytes += size;
        return storage;
    }

    /// From the device, which gets everything back that lies idle if it has no room otherwise.
    private Storage demand(long size) {
        try {
            return backend.allocate(size);
        } catch (OutOfDeviceMemory e) {
            if (ownedBytes == usedBytes) {
                throw e;
            }
            while (ownedBytes > usedBytes) {
                releaseLargest();
            }
            return backend.allocate(size);
        }
    }

    /// A new storage takes the place of the largest free one whose work it can do.
    private Storage allocateBrief(long size) {
        Storage smaller = freeBrief.largest(Math.ceilDiv(size, STAND_IN), size);
        if (smaller != null) {
            release(smaller);
        }
        Storage storage = allocate(size);
        brief.add(storage);
        return storage;
    }

    /// Makes room for `size` bytes more, the largest free storages first.
    private void evict(long size) {
        long peak = Math.max(peakBytes, usedBytes + size);
        while (ownedBytes > usedBytes && ownedBytes + size > peak + peak / 2) {
            releaseLargest();
        }
    }

    private void releaseLargest() {
        Storage storage = free.largest(0, Long.MAX_VALUE);
        release(storage == null ? freeBrief.largest(0, Long.MAX_VALUE) : storage);
    }

    private void release(Storage storage) {
        owned.remove(storage);
        brief.remove(storage);
        ownedBytes -= storage.bytes();
        backend.free(storage);
    }

    @Override
    public void give(Storage storage) {
        usedBytes -= storage.bytes();
        (brief.contains(storage) ? freeBrief : free).give(storage);
    }

    /// Forgets in which order free storages were given back.
    @Override
    public void beginStep() {
        free.sort(Comparator.comparing(owned::get));
        freeBrief.sort(Comparator.comparing(owned::get));
    }

    @Override
    public long allocations() {
        return allocations;
    }

    @Override
    public long ownedBytes() {
        return ownedBytes;
    }

    @Override
    public void close() {
        owned.keySet().forEach(backend::free);
        owned.clear();
        brief.clear();
        free.clear();
        freeBrief.clear();
    }

    static long sizeClass(long bytes) {
        if (bytes <= 512) {
            return 512;
        }
        long step = Math.max(64, Long.highestOneBit(bytes - 1) >> 3);
        return (bytes + step - 1) / step * step;
    }
}
