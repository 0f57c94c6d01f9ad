package dev.lorikeet.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Parameter updates: `optimizers.cu`. Updates with the same numbers that are asked for one after the other are held
/// back and become one launch: all tensors of a LoRA model at once.
final class Optimizers {
    private static final Kernel ADAM = new Kernel("optimizers", "adam");
    private static final Kernel SGD = new Kernel("optimizers", "sgd");
    // struct Entry and struct Entries of optimizers.cu
    private static final int ENTRIES = 40;
    private static final int ARRAYS = 5;
    private static final int ENTRY_BYTES = 8 * ARRAYS + 4 * ARRAYS + 12;
    private static final int ENTRIES_BYTES = ENTRIES * ENTRY_BYTES + 8;
    private static final int ELEMENTS_OF_BLOCK = 1024;

    private final Stream stream;
    private final List<Tensor[]> pending = new ArrayList<>();
    private Record step;

    Optimizers(Stream stream) {
        this.stream = stream;
        stream.holdsBack(this::launch);
    }

    void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep adam) {
        add(adam, p, g, m, v, vMax);
    }

    void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep sgd) {
        add(sgd, p, g, momentum);
    }

    private void add(Record with, Tensor... arrays) {
        for (Tensor array : arrays) {
            if (array != null && array.dtype() != DType.F32) {
                throw new IllegalArgumentException("parameters and their gradients are F32, found " + array);
            }
        }
        if (!with.equals(step) || pending.size() == ENTRIES) {
            launch();
        }
        if (arrays[0].size() > 0) {
            step = with;
            pending.add(arrays);
        }
    }

    private void launch() {
        if (pending.isEmpty()) {
            return;
        }
        List<Tensor[]> entries = List.copyOf(pending);
        Record with = step;
        pending.clear();
        step = null;
        Arguments arguments = stream.arguments();
        int blocks = write(entries, arguments.value(ENTRIES_BYTES, 8));
        if (with instanceof AdamStep adam) {
            write(adam, arguments.value(11 * 4, 4));
            stream.launch(ADAM, blocks, 1, Grids.THREADS);
        } else {
            write((SgdStep) with, arguments.value(7 * 4, 4));
            stream.launch(SGD, blocks, 1, Grids.THREADS);
        }
    }

    private static int write(List<Tensor[]> entries, MemorySegment to) {
        int block = 0;
        for (int n = 0; n < entries.size(); n++) {
            Tensor[] arrays = entries.get(n);
            MemorySegment entry = to.asSlice((long) n * ENTRY_BYTES, ENTRY_BYTES);
            boolean flat = true;
            for (Tensor array : arrays) {
                flat &= array == null || array.isContiguous() && array.size() <= Integer.MAX_VALUE;
            }
            for (int i = 0; i < ARRAYS; i++) {
                Tensor array = i < arrays.length ? arrays[i] : null;
                entry.setAtIndex(JAVA_LONG, i, array == null ? 0 : array.address());
                entry.setAtIndex(JAVA_INT, 2 * ARRAYS + i, array == null ? 0 : array.rowStride());
            }
            entry.setAtIndex(JAVA_INT, 3 * ARRAYS, flat ? 1 : arrays[0].rows());
            entry.setAtIndex(JAVA_INT, 3 * ARRAYS + 1, flat ? (int) arrays[0].size() : arrays[0].cols());
            entry.setAtIndex(JAVA_INT, 3 * ARRAYS + 2, block);
            block = Math.toIntExact(block + (arrays[0].size() + ELEMENTS_OF_BLOCK - 1) / ELEMENTS_OF_BLOCK);
        }
        to.set(JAVA_INT, (long) ENTRIES * ENTRY_BYTES, entries.size());
        to.set(JAVA_INT, (long) ENTRIES * ENTRY_BYTES + 4, block);
        return block;
    }

    /// `struct AdamStep`; differences are taken in double.
    private static void write(AdamStep step, MemorySegment to) {
        double[] numbers = {step.stepSize(), step.beta1(), 1 - step.beta1(), step.beta2(), 1 - step.beta2(),
            step.epsilon(), step.denominatorScale(), 1 - step.decayBefore(), 1 - step.decayAfter(), step.l2(),
            step.gradScale()};
        for (int i = 0; i < numbers.length; i++) {
            to.setAtIndex(JAVA_FLOAT, i, (float) numbers[i]);
        }
    }

    /// `struct SgdStep`.
    private static void write(SgdStep step, MemorySegment to) {
        double[] numbers = {step.lr(), step.momentum(), 1 - step.dampening(), step.l2(), step.gradScale()};
        for (int i = 0; i < numbers.length; i++) {
            to.setAtIndex(JAVA_FLOAT, i, (float) numbers[i]);
        }
        to.setAtIndex(JAVA_INT, 5, step.nesterov() ? 1 : 0);
        to.setAtIndex(JAVA_INT, 6, step.first() ? 1 : 0);
    }
}
