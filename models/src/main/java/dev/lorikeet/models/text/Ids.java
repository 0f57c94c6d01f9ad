package dev.lorikeet.models.text;

import java.util.Arrays;

/// A growing list of ids.
final class Ids {
    private int[] values;
    private int size;

    Ids(int capacity) {
        values = new int[Math.max(16, capacity)];
    }

    void add(int id) {
        reserve(1);
        values[size++] = id;
    }

    void addAll(int[] ids) {
        reserve(ids.length);
        System.arraycopy(ids, 0, values, size, ids.length);
        size += ids.length;
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }

    private void reserve(int more) {
        if (size + more > values.length) {
            values = Arrays.copyOf(values, Math.max(Math.addExact(size, more), size + size / 2));
        }
    }
}
