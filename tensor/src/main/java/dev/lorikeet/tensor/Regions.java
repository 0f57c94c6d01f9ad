package dev.lorikeet.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A few large storages, pieces of which are handed out: the step memory of a device to which steps are to look the
/// same every time, addresses included.
///
/// A request gets the first place that is large enough, in the first region that has one: from the lower end what may
/// have to stay for the backward pass, from the upper end what is wanted briefly. Where a step begins nothing is in
/// use and neighbouring pieces have become one again, so that what a request gets follows from the requests of its own
/// step alone. A region that a larger step has added comes last, where steps that fit without it never look: whatever
/// shapes come in between, a step finds the addresses that it had before.
///
/// A new region has at least [a sixteenth][#SHARE] of what there is, so that they stay few. After the first step of
/// all, and when there are more than [#MOST] or [a quarter][#IDLE] more than was ever in use, they are packed: where
/// the next step begins they become one, as large as the most that was ever in use, and a sixteenth more after each
/// step that still found no room in it. Many shapes therefore take hardly more memory than the largest of them.
final class Regions implements StepMemory {
    /// Bytes of which everything begins at a multiple: what devices do for allocations of their own.
    private static final long ALIGNMENT = 256;
    private static final long LEAST = 2 << 20;
    private static final int SHARE = 16;
    private static final int MOST = 8;
    private static final int IDLE = 4;

    /// A part of a region.
    private record Piece(Storage region, long offset, long bytes) implements Storage {
        @Override
        public long address() {
            return region.address() + offset;
        }

        @Override
        public MemorySegment segment() {
            return region.segment().asSlice(offset, bytes);
        }
    }

    /// A storage and what is free of it: bytes by offset.
    private static final class Region {
        private final Storage storage;
        private final TreeMap<Long, Long> free = new TreeMap<>();

        Region(Storage storage) {
            this.storage = storage;
            free.put(0L, storage.bytes());
        }

        /// Takes `bytes` bytes out, as far down as possible, or up; null if they fit nowhere.
        Piece take(long bytes, boolean down) {
            for (Map.Entry<Long, Long> gap : (down ? free : free.descendingMap()).entrySet()) {
                long at = gap.getKey();
                long left = gap.getValue() - bytes;
                if (left >= 0) {
                    free.remove(at);                         // from here on the entry may be another one's
                    if (left > 0) {
                        free.put(down ? at + bytes : at, left);
                    }
                    return new Piece(storage, down ? at : at + left, bytes);
                }
            }
            return null;
        }

        void give(Piece piece) {
            long from = piece.offset();
            long to = from + piece.bytes();
            Map.Entry<Long, Long> below = free.lowerEntry(from);
            if (below != null && below.getKey() + below.getValue() == from) {
                from = below.getKey();
            }
            Long above = free.remove(to);
            free.put(from, to - from + (above == null ? 0 : above));
        }

        boolean isIdle() {
            return free.size() == 1 && free.firstEntry().getValue() == storage.bytes();
        }
    }

    private final Backend backend;
    private final List<Region> regions = new ArrayList<>();
    private long allocations;
    private long usedBytes;
    private long peakBytes;
    private boolean packing = true;
    private long packed;

    Regions(Backend backend) {
        this.backend = backend;
    }

    @Override
    public Storage take(long bytes) {
        return take(bytes, true);
    }

    @Override
    public Storage takeTemporary(long bytes) {
        return take(bytes, false);
    }

    @Override
    public Storage takeForBackward(long bytes) {
        return take(bytes, false);
    }

    private Piece take(long bytes, boolean down) {
        long size = Math.ceilDiv(Math.max(1, bytes), ALIGNMENT) * ALIGNMENT;
        usedBytes += size;
        peakBytes = Math.max(peakBytes, usedBytes);
        for (Region region : regions) {
            Piece piece = region.take(size, down);
            if (piece != null) {
                return piece;
            }
        }
        try {
            return grow(size).take(size, down);
        } catch (OutOfDeviceMemory e) {
            usedBytes -= size;
            throw e;
        }
    }

    private Region grow(long size) {
        try {
            return add(Math.max(size, Math.max(LEAST, ownedBytes() / SHARE / ALIGNMENT * ALIGNMENT)));
        } catch (OutOfDeviceMemory _) {
            release();
            return add(size);
        }
    }

    private Region add(long bytes) {
        Region region = new Region(backend.allocate(bytes));
        allocations++;
        regions.add(region);
        return region;
    }

    /// Returns what lies idle to the device.
    private void release() {
        List<Region> idle = regions.stream().filter(Region::isIdle).toList();
        idle.forEach(region -> backend.free(region.storage));
        regions.removeAll(idle);
    }

    @Override
    public void give(Storage storage) {
        Piece piece = (Piece) storage;
        for (Region region : regions) {
            if (region.storage == piece.region()) {
                region.give(piece);
                usedBytes -= piece.bytes();
                return;
            }
        }
        throw new IllegalArgumentException(storage + " was not taken from this pool");
    }

    @Override
    public void beginStep() {
        if (usedBytes > 0 || regions.isEmpty()) {
            return;
        }
        packing = regions.size() > (packing || ownedBytes() > peakBytes + peakBytes / IDLE ? 1 : MOST);
        if (packing) {
            packed = Math.max(Math.max(peakBytes, LEAST), packed + packed / SHARE / ALIGNMENT * ALIGNMENT);
            release();
            try {
                add(packed);
            } catch (OutOfDeviceMemory _) {
                // somebody else has taken some of it: what the step needs is asked for bit by bit
            }
        }
    }

    @Override
    public long allocations() {
        return allocations;
    }

    @Override
    public long ownedBytes() {
        return regions.stream().mapToLong(region -> region.storage.bytes()).sum();
    }

    @Override
    public void close() {
        regions.forEach(region -> backend.free(region.storage));
        regions.clear();
    }
}
