package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What the blocks of an attention kernel work on, as a list in device memory: see `struct Tile` in `attention.cuh`.
/// All layers of a model attend over the same sequences, so the lists of the last few are kept.
///
/// In a step that is to repeat itself ([Stream#replay]) nothing may depend on how long the single sequences are: every
/// list that the step needs is uploaded once, the first to the first slot and so on, whatever is there already, and it
/// has as many tiles as sequences of so many rows can have at most; those that are too many are empty.
final class Tiles {
    private static final int SLOTS = 16;
    private static final int NUMBERS = 6;
    /// Room for the tiles of the usual batches, so that lists stay where they are.
    private static final long LEAST_BYTES = 32 << 10;

    /// A list in device memory.
    record Plan(long address, int count) {}

    private static final class Slot {
        private Sequences queries;
        private Sequences keys;
        private int size;
        private boolean ofKeys;
        private long capacity;
        private long lastUse;
        private int[] numbers = {};
        private Plan plan = new Plan(0, 0);

        boolean holds(Sequences q, Sequences k, int tile, boolean keysOnly) {
            return queries == q && keys == k && size == tile && ofKeys == keysOnly;
        }
    }

    private final Stream stream;
    private final List<Slot> slots = new ArrayList<>();
    private long uses;
    private long epoch;

    Tiles(Stream stream) {
        this.stream = stream;
    }

    /// Tiles of `size` queries, or keys if `ofKeys`, for every sequence. Sequences of the same lengths at the same rows
    /// give the same list, those of the next batch as well.
    Plan of(Sequences queries, Sequences keys, int size, boolean ofKeys) {
        if (epoch != stream.epoch()) {
            epoch = stream.epoch();
            forget();
        }
        Slot slot = find(queries, keys, size, ofKeys);
        slot.queries = queries;
        slot.keys = keys;
        slot.size = size;
        slot.ofKeys = ofKeys;
        slot.lastUse = ++uses;
        return slot.plan;
    }

    /// Makes the first slot the next that is taken, then the second.
    private void forget() {
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            slot.queries = null;
            slot.keys = null;
            slot.numbers = new int[] {};
            slot.lastUse = i - SLOTS;
        }
    }

    private Slot find(Sequences queries, Sequences keys, int size, boolean ofKeys) {
        Slot oldest = null;
        for (Slot slot : slots) {
            if (slot.holds(queries, keys, size, ofKeys)) {
                return slot;
            }
            oldest = oldest == null || slot.lastUse < oldest.lastUse ? slot : oldest;
        }
        int[] numbers = list(queries, keys, size, ofKeys);
        if (!stream.isCapturing()) {
            for (Slot slot : slots) {
                if (Arrays.equals(slot.numbers, numbers)) {
                    return slot;
                }
            }
        }
        Slot slot = oldest;
        if (slots.size() < SLOTS && (oldest == null || oldest.lastUse > 0)) {
            slot = new Slot();
            slots.add(slot);
        }
        fill(slot, numbers);
        return slot;
    }

    private int[] list(Sequences queries, Sequences keys, int size, boolean ofKeys) {
        Sequences split = ofKeys ? keys : queries;
        int count = 0;
        for (int s = 0; s < split.count(); s++) {
            count += (split.length(s) + size - 1) / size;
        }
        if (stream.isCapturing()) {
            count = (int) ((split.rows() + split.count() * (size - 1L)) / size);
        }
        int[] numbers = new int[NUMBERS * count];
        int n = 0;
        for (int s = 0; s < split.count(); s++) {
            for (int first = 0; first < split.length(s); first += size) {
                numbers[n++] = queries.start(s);
                numbers[n++] = queries.length(s);
                numbers[n++] = keys.start(s);
                numbers[n++] = keys.length(s);
                numbers[n++] = first;
                numbers[n++] = queries.realRows();
            }
        }
        return numbers;
    }

    private void fill(Slot slot, int[] numbers) {
        long bytes = 4L * numbers.length;
        if (bytes > slot.capacity) {
            long capacity = Math.max(LEAST_BYTES, 2 * bytes);
            if (slot.capacity > 0) {
                stream.memory().free(slot.plan.address());
            }
            slot.capacity = 0;
            slot.plan = new Plan(stream.memory().allocate(capacity), 0);
            slot.capacity = capacity;
        }
        if (bytes > 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment host = arena.allocateFrom(ValueLayout.JAVA_INT, numbers);
                stream.memory().upload(slot.plan.address(), host);
            }
        }
        slot.plan = new Plan(slot.plan.address(), numbers.length / NUMBERS);
        slot.numbers = numbers;
    }

    long bytes() {
        return slots.stream().mapToLong(slot -> slot.capacity).sum();
    }
}
