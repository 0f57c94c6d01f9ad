package dev.lorikeet.tensor;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Storages that nobody uses, by size; of one size the one that was given back last comes first.
final class FreeStorages {
    private final TreeMap<Long, ArrayDeque<Storage>> bySize = new TreeMap<>();

    void give(Storage storage) {
        bySize.computeIfAbsent(storage.bytes(), _ -> new ArrayDeque<>()).push(storage);
    }

    /// Takes the smallest of at least `least` and at most `most` bytes out; null if there is none.
    Storage smallest(long least, long most) {
        Map.Entry<Long, ArrayDeque<Storage>> entry = bySize.ceilingEntry(least);
        return entry != null && entry.getKey() <= most ? pop(entry) : null;
    }

    /// Takes the largest of at least `least` and at most `most` bytes out; null if there is none.
    Storage largest(long least, long most) {
        Map.Entry<Long, ArrayDeque<Storage>> entry = bySize.floorEntry(most);
        return entry != null && entry.getKey() >= least ? pop(entry) : null;
    }

    private Storage pop(Map.Entry<Long, ArrayDeque<Storage>> entry) {
        Storage storage = entry.getValue().pop();
        if (entry.getValue().isEmpty()) {
            bySize.remove(entry.getKey());
        }
        return storage;
    }

    /// Of one size the first in this order comes first from now on.
    void sort(Comparator<Storage> order) {
        for (Map.Entry<Long, ArrayDeque<Storage>> entry : bySize.entrySet()) {
            entry.setValue(entry.getValue().stream().sorted(order).collect(Collectors.toCollection(ArrayDeque::new)));
        }
    }

    void clear() {
        bySize.clear();
    }
}
