package dev.lorikeet.tensor.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// Memory that kernels use between their arguments: grown when a call needs more than any call before, kept until the
/// backend closes.
///
/// Two kinds: one block for the thread that called the kernel ([#shared]), and one block per thread of the team,
/// which a part borrows while it runs ([#prepare], [#borrow], [#giveBack]).
final class Scratch implements AutoCloseable {
    private static final long LINE = 64;

    private final HostMemory memory;
    private final AtomicIntegerArray taken;
    private HostStorage shared;
    private HostStorage parts;
    private long partBytes;

    Scratch(HostMemory memory, int threads) {
        this.memory = memory;
        this.taken = new AtomicIntegerArray(threads);
    }

    /// The address of a block of at least `bytes` bytes, valid until the next call.
    long shared(long bytes) {
        if (shared == null || shared.bytes() < bytes) {
            if (shared != null) {
                memory.free(shared);
                shared = null;
            }
            shared = memory.allocate(bytes);
        }
        return shared.address();
    }

    /// Makes sure that every thread can [#borrow] `bytes` bytes. Not while parts run.
    void prepare(long bytes) {
        long rounded = Math.ceilDiv(Math.max(bytes, LINE), LINE) * LINE;
        if (partBytes < rounded) {
            if (parts != null) {
                memory.free(parts);
                parts = null;
                partBytes = 0;
            }
            parts = memory.allocate(Math.multiplyExact(rounded, (long) taken.length()));
            partBytes = rounded;
        }
    }

    /// The address of a block that no other part uses until it is given back.
    long borrow() {
        for (int slot = 0; slot < taken.length(); slot++) {
            if (taken.compareAndSet(slot, 0, 1)) {
                return parts.address() + slot * partBytes;
            }
        }
        throw new IllegalStateException("more than %d parts run at once".formatted(taken.length()));
    }

    /// Ends the use of a block of [#borrow].
    void giveBack(long address) {
        taken.set((int) ((address - parts.address()) / partBytes), 0);
    }

    /// Bytes held at present.
    long bytes() {
        return (shared == null ? 0 : shared.bytes()) + (parts == null ? 0 : parts.bytes());
    }

    @Override
    public void close() {
        if (shared != null) {
            memory.free(shared);
        }
        if (parts != null) {
            memory.free(parts);
        }
        shared = null;
        parts = null;
        partBytes = 0;
    }
}
