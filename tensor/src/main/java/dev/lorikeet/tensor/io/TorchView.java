package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.PickleObjects.StorageRef;
import dev.lorikeet.tensor.io.PickleObjects.TensorRef;
import dev.lorikeet.tensor.io.TorchContents.Range;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/// A tensor of a pickle whose sizes have been checked against the storage that it looks at.
///
/// @param info    name, type, shape and the bytes of the file from the first to the last element
/// @param storage where the bytes of the whole storage are
/// @param key     name of the storage
/// @param stride  distance of neighbours along each extent, in elements
record TorchView(TensorInfo info, Range storage, String key, List<Long> stride) {
    /// Checks a description: the storage is there, and every element lies within it.
    static TorchView checked(Path file, String name, TensorRef tensor, TorchContents contents) {
        StorageRef storage = tensor.storage();
        Range range = contents.storages().get(storage.key());
        if (range == null) {
            throw new FormatException(file, name, "the data of storage " + FormatException.quote(storage.key()),
                    "none in the file", "The file is cut off or damaged.");
        }
        long[] size = tensor.size().stream().mapToLong(Long::longValue).toArray();
        Shape shape = TensorInfo.checkedShape(file, name, tensor.dtype(), size);
        if (tensor.stride().size() != size.length) {
            throw new FormatException(file, name, "a stride for each of " + size.length + " extents",
                    tensor.stride().size() + " strides");
        }
        try {
            long storageBytes = Math.multiplyExact(storage.elements(), (long) storage.dtype().bytes());
            long storageFirst = Math.multiplyExact(storage.first(), (long) storage.dtype().bytes());
            long first = Math.multiplyExact(tensor.offset(), (long) tensor.dtype().bytes());
            long last = shape.size() == 0 ? first
                    : Math.addExact(first, Math.multiplyExact(span(size, tensor.stride()), tensor.dtype().bytes()));
            if (Math.addExact(storageFirst, storageBytes) <= range.length() && last <= storageBytes) {
                long begin = range.begin() + storageFirst;
                TensorInfo info = new TensorInfo(name, tensor.dtype(), shape, begin + first, begin + last);
                return new TorchView(info, range, storage.key(), tensor.stride());
            }
        } catch (ArithmeticException _) {
            // No storage has 2^63 bytes: reported below.
        }
        throw new FormatException(file, name,
                "all of %s %s with strides %s from element %d within storage %s of %d elements".formatted(
                        tensor.dtype(), shape, tensor.stride(), tensor.offset(), FormatException.quote(storage.key()),
                        storage.elements()),
                range.length() + " bytes", "The file is cut off or damaged.");
    }

    /// Elements from the first to the last, both included.
    private static long span(long[] size, List<Long> stride) {
        long span = 1;
        for (int i = 0; i < size.length; i++) {
            span = Math.addExact(span, Math.multiplyExact(size[i] - 1, stride.get(i)));
        }
        return span;
    }

    /// True if the elements lie in the file row after row without gaps.
    boolean isContiguous() {
        long expected = 1;
        for (int i = stride.size() - 1; i >= 0; i--) {
            int extent = info.shape().dim(i);
            if (extent != 1 && stride.get(i) != expected) {
                return info.bytes() == 0;
            }
            expected *= Math.max(extent, 1);
        }
        return true;
    }

    /// Equal for tensors that are the same elements and must therefore be the same memory.
    Object elements() {
        return List.of(key, info.begin(), info.dtype(), info.shape(), stride);
    }

    /// Copies the elements row after row.
    void copyTo(MemorySegment dst, MemorySegment file) {
        int element = info.dtype().bytes();
        int[] dims = info.shape().dims();
        int inner = dims.length - 1;
        long innerStride = stride.get(inner);
        int[] index = new int[dims.length];
        long source = info.begin();
        for (long at = 0; at < dst.byteSize(); at += (long) dims[inner] * element) {
            copyRow(dst, at, file, source, dims[inner], innerStride * element, element);
            for (int d = inner - 1; d >= 0; d--) {
                source += stride.get(d) * element;
                if (++index[d] < dims[d]) {
                    break;
                }
                source -= stride.get(d) * element * dims[d];
                index[d] = 0;
            }
        }
    }

    private static void copyRow(
            MemorySegment dst, long at, MemorySegment src, long from, int count, long step, int element) {
        if (step == element) {
            MemorySegment.copy(src, from, dst, at, (long) count * element);
            return;
        }
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(src, from + i * step, dst, at + (long) i * element, element);
        }
    }
}
