package dev.lorikeet.cuda;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The arguments of one launch as the driver takes them: an array of pointers to the values, which follow it. One
/// object serves all launches of a stream, so that a launch allocates nothing.
///
/// A tensor becomes a `Matrix` of `common.cuh`: address (8 bytes), row stride (8), rows (4), columns (4).
final class Arguments {
    private static final int LIMIT = 32;
    private static final int VALUES = 8 * LIMIT;
    private static final int BYTES = 8192;
    private static final int MATRIX = 24;
    static final int KEY = 24;
    /// Random streams of one step: see [#streamsOfStep].
    private static final long STREAMS = 1L << 20;

    private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, 64);
    private final List<Tensor> tensors = new ArrayList<>();
    private int count;
    private int end;
    private RandomKey step;
    private long stepAddress;

    /// What the arguments of a launch were, to be compared and used again.
    ///
    /// @param offsets where each value begins among the bytes
    record Copy(List<Integer> offsets, ByteBuffer values, List<Tensor> operands) {}

    Copy copy() {
        List<Integer> offsets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            offsets.add((int) (memory.getAtIndex(ValueLayout.JAVA_LONG, i) - memory.address()));
        }
        byte[] values = memory.asSlice(VALUES, end - VALUES).toArray(ValueLayout.JAVA_BYTE);
        return new Copy(offsets, ByteBuffer.wrap(values), List.copyOf(tensors));
    }

    /// Makes these arguments those of `copy`.
    Arguments restore(Copy copy) {
        clear();
        for (int offset : copy.offsets) {
            memory.setAtIndex(ValueLayout.JAVA_LONG, count++, memory.address() + offset);
        }
        MemorySegment.copy(MemorySegment.ofArray(copy.values.array()), 0, memory, VALUES, copy.values.capacity());
        end = VALUES + copy.values.capacity();
        tensors.addAll(copy.operands);
        return this;
    }

    /// From now on random keys of the seed and of the [#STREAMS] streams from `first` on are written as distances from
    /// the number at `address` in device memory, so that they are the same in every step; with null as they are.
    void streamsOfStep(RandomKey first, long address) {
        step = first;
        stepAddress = address;
    }

    /// Forgets what there was.
    Arguments clear() {
        tensors.clear();
        count = 0;
        end = VALUES;
        return this;
    }

    /// The array of pointers.
    MemorySegment pointers() {
        return memory;
    }

    /// F32 rows; a null tensor has the address 0.
    Arguments floats(Tensor tensor) {
        requireFloats(tensor);
        return any(tensor);
    }

    /// F32 rows, or the same numbers as one long row.
    Arguments floats(Tensor tensor, boolean flat) {
        requireFloats(tensor);
        return any(tensor, flat);
    }

    /// Rows of any type, or the same elements as one long row.
    Arguments any(Tensor tensor, boolean flat) {
        tensors.add(tensor);
        return flat
                ? matrix(tensor.address(), tensor.size(), 1, Math.toIntExact(tensor.size()))
                : matrix(tensor.address(), tensor.rowStride(), tensor.rows(), tensor.cols());
    }

    /// One F32 row that every row of another matrix meets: its stride is 0.
    Arguments repeated(Tensor row) {
        requireFloats(row);
        tensors.add(row);
        return matrix(row.address(), 0, 1, row.cols());
    }

    /// Rows of any type; a null tensor has the address 0.
    Arguments any(Tensor tensor) {
        if (tensor == null) {
            return matrix(0, 0, 0, 0);
        }
        tensors.add(tensor);
        return matrix(tensor.address(), tensor.rowStride(), tensor.rows(), tensor.cols());
    }

    Arguments matrix(long address, long stride, int rows, int cols) {
        MemorySegment value = value(MATRIX, 8);
        value.set(ValueLayout.JAVA_LONG, 0, address);
        value.set(ValueLayout.JAVA_LONG, 8, stride);
        value.set(ValueLayout.JAVA_INT, 16, rows);
        value.set(ValueLayout.JAVA_INT, 20, cols);
        return this;
    }

    /// The address of an F32 tensor's first element, 0 for null.
    Arguments floatsAt(Tensor tensor) {
        requireFloats(tensor);
        return at(tensor);
    }

    /// The address of I32 numbers: ids, labels, indices.
    Arguments indices(Tensor tensor) {
        if (tensor.dtype() != DType.I32) {
            throw new IllegalArgumentException("ids, labels and indices are I32, found " + tensor);
        }
        return at(tensor);
    }

    private Arguments at(Tensor tensor) {
        if (tensor != null) {
            tensors.add(tensor);
        }
        return whole(tensor == null ? 0 : tensor.address());
    }

    /// 32 bits.
    Arguments integer(int number) {
        value(4, 4).set(ValueLayout.JAVA_INT, 0, number);
        return this;
    }

    /// 64 bits: a size, an address.
    Arguments whole(long number) {
        value(8, 8).set(ValueLayout.JAVA_LONG, 0, number);
        return this;
    }

    Arguments single(double number) {
        value(4, 4).set(ValueLayout.JAVA_FLOAT, 0, (float) number);
        return this;
    }

    Arguments twice(double number) {
        value(8, 8).set(ValueLayout.JAVA_DOUBLE, 0, number);
        return this;
    }

    /// `struct RandomKey`.
    Arguments key(RandomKey key) {
        write(key, value(KEY, 8));
        return this;
    }

    /// The same inside of another struct, null as 0.
    void write(RandomKey key, MemorySegment to) {
        long stream = key == null ? 0 : key.stream();
        boolean ofStep = key != null && step != null && key.seed() == step.seed() && stream >= step.stream()
                && stream - step.stream() < STREAMS;
        to.set(ValueLayout.JAVA_LONG, 0, key == null ? 0 : key.seed());
        to.set(ValueLayout.JAVA_LONG, 8, ofStep ? stream - step.stream() : stream);
        to.set(ValueLayout.JAVA_LONG, 16, ofStep ? stepAddress : 0);
    }

    /// Room for a struct that the caller fills in.
    MemorySegment value(int bytes, int alignment) {
        int begin = (end + alignment - 1) / alignment * alignment;
        memory.asSlice(end, begin - end + bytes).fill((byte) 0);   // gaps are compared too
        end = begin;
        MemorySegment value = memory.asSlice(end, bytes);
        memory.setAtIndex(ValueLayout.JAVA_LONG, count++, value.address());
        end += bytes;
        return value;
    }

    private static void requireFloats(Tensor tensor) {
        if (tensor != null && tensor.dtype() != DType.F32) {
            throw new IllegalArgumentException("cuda computes in F32, found " + tensor
                    + ": use another backend, or frozen weights in BF16, F16 or I8 where a kernel takes them");
        }
    }

    /// The operands, for messages.
    @Override
    public String toString() {
        return tensors.toString();
    }
}
