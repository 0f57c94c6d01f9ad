package dev.lorikeet.models.text;

import java.util.Arrays;

/// Merges the ids of one word: as long as any neighbouring pair is in the table, the pair of the lowest rank (the
/// leftmost of equals) becomes one id.
///
/// Words are short, and for them looking at all pairs each time is fastest. A megabyte without a blank is one word too;
/// there a linked list and a heap of candidates need O(n log n) steps instead of O(n²).
final class PairMerger {
    private static final int SHORT = 48;

    private final MergeTable merges;

    PairMerger(MergeTable merges) {
        this.merges = merges;
    }

    /// The merged ids. `ids` is used as working space.
    int[] merge(int[] ids) {
        return ids.length <= SHORT ? mergeByScan(ids) : mergeByHeap(ids);
    }

    int[] mergeByScan(int[] ids) {
        int n = ids.length;
        int[] ranks = new int[n];
        for (int i = 0; i < n; i++) {
            ranks[i] = i + 1 < n ? merges.rank(ids[i], ids[i + 1]) : MergeTable.NONE;
        }
        while (true) {
            int at = 0;
            for (int i = 1; i < n; i++) {
                at = ranks[i] < ranks[at] ? i : at;
            }
            if (n == 0 || ranks[at] == MergeTable.NONE) {
                return Arrays.copyOf(ids, n);
            }
            ids[at] = merges.result(ranks[at]);
            n--;
            System.arraycopy(ids, at + 2, ids, at + 1, n - at - 1);
            System.arraycopy(ranks, at + 2, ranks, at + 1, n - at - 1);
            ranks[at] = at + 1 < n ? merges.rank(ids[at], ids[at + 1]) : MergeTable.NONE;
            if (at > 0) {
                ranks[at - 1] = merges.rank(ids[at - 1], ids[at]);
            }
        }
    }

    /// A heap entry is (rank, position). It is stale if the pair at that position is no longer the one of that rank.
    int[] mergeByHeap(int[] ids) {
        int n = ids.length;
        int[] next = new int[n];
        int[] previous = new int[n];
        var heap = new LongHeap(n);
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            offer(heap, ids, i, i + 1);
        }
        while (!heap.isEmpty()) {
            long entry = heap.poll();
            int rank = (int) (entry >>> 32);
            int left = (int) entry;
            if (ids[left] < 0 || next[left] >= n || merges.rank(ids[left], ids[next[left]]) != rank) {
                continue;
            }
            int right = next[left];
            ids[left] = merges.result(rank);
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < n) {
                previous[next[left]] = left;
            }
            offer(heap, ids, left, next[left]);
            if (previous[left] >= 0) {
                offer(heap, ids, previous[left], left);
            }
        }
        return Arrays.stream(ids).filter(id -> id >= 0).toArray();
    }

    private void offer(LongHeap heap, int[] ids, int left, int right) {
        if (right < ids.length) {
            int rank = merges.rank(ids[left], ids[right]);
            if (rank != MergeTable.NONE) {
                heap.add((long) rank << 32 | left);
            }
        }
    }
}
