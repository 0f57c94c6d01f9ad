package dev.lorikeet.models.generate;

/// The tokens in the order of their probabilities, the first of equals first: a heap, so that looking at a few of a
/// large vocabulary does not cost sorting all of it.
final class TokenHeap {
    private final double[] probabilities;
    private final int[] heap;
    private int size;

    TokenHeap(double[] probabilities) {
        this.probabilities = probabilities;
        this.heap = new int[probabilities.length];
        this.size = heap.length;
        for (int i = 0; i < size; i++) {
            heap[i] = i;
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    /// The next token; not after the last one.
    int next() {
        int top = heap[0];
        heap[0] = heap[--size];
        sink(0);
        return top;
    }

    private void sink(int at) {
        int token = heap[at];
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], token)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = token;
    }

    private boolean before(int a, int b) {
        return probabilities[a] > probabilities[b] || (probabilities[a] == probabilities[b] && a < b);
    }
}
