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
final class Tiles {
    private static final int SLOTS = 16;
    private static final int NUMBERS = 5;

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

    Tiles(Stream stream) {
        this.stream = stream;
    }

    /// Tiles of `size` queries, or keys if `ofKeys`, for every sequence. Sequences of the same lengths at the same rows
    /// give the same list, those of the next batch as well.
    Plan of(Sequences queries, Sequences keys, int size, boolean ofKeys) {
        Slot oldest = null;
        for (Slot slot : slots) {
            if (slot.holds(queries, keys, size, ofKeys)) {
                slot.lastUse = ++uses;
                return slot.plan;
            }
            oldest = oldest == null || slot.lastUse < oldest.lastUse ? slot : oldest;
        }
        int[] numbers = list(queries, keys, size, ofKeys);
        Slot slot = slots.stream().filter(each -> Arrays.equals(each.numbers, numbers)).findFirst().orElse(null);
        if (slot == null) {
            slot = slots.size() < SLOTS ? new Slot() : oldest;
            if (slot != oldest) {
                slots.add(slot);
            }
            fill(slot, numbers);
        }
        slot.queries = queries;
        slot.keys = keys;
        slot.size = size;
        slot.ofKeys = ofKeys;
        slot.lastUse = ++uses;
        return slot.plan;
    }

    private static int[] list(Sequences queries, Sequences keys, int size, boolean ofKeys) {
        Sequences split = ofKeys ? keys : queries;
        int count = 0;
        for (int s = 0; s < split.count(); s++) {
            count += (split.length(s) + size - 1) / size;
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
            }
        }
        return numbers;
    }

    private void fill(Slot slot, int[] numbers) {
        long bytes = 4L * numbers.length;
        if (bytes > slot.capacity) {
            if (slot.capacity > 0) {
                stream.memory().free(slot.plan.address());
            }
            slot.capacity = 0;
            slot.plan = new Plan(stream.memory().allocate(2 * bytes), 0);
            slot.capacity = 2 * bytes;
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
