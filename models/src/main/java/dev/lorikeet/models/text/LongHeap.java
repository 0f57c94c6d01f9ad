package dev.lorikeet.models.text;

import java.util.Arrays;

/// A binary heap of longs, smallest first (`PriorityQueue<Long>` would box a million of them for a long word).
final class LongHeap {
    private long[] values;
    private int size;

    LongHeap(int capacity) {
        values = new long[Math.max(16, capacity)];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.multiplyExact(size, 2));
        }
        int at = size++;
        while (at > 0 && values[(at - 1) / 2] > value) {
            values[at] = values[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        values[at] = value;
    }

    /// Removes the smallest value; the heap must not be empty.
    long poll() {
        long least = values[0];
        long moved = values[--size];
        int at = 0;
        for (int child = 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= moved) {
                break;
            }
            values[at] = values[child];
            at = child;
        }
        values[at] = moved;
        return least;
    }
}
