package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// A tensor on its way into a file: what the header needs at once, the bytes piece by piece.
///
/// @param name    name in the file
/// @param dtype   element type
/// @param shape   extents
/// @param content gives the bytes
public record TensorSource(String name, DType dtype, Shape shape, Content content) {
    /// Elements row after row, little-endian.
    @FunctionalInterface
    public interface Content {
        /// Fills `into` with the elements from number `firstElement` on. `into` holds whole elements.
        void read(long firstElement, MemorySegment into);
    }

    /// Host bytes as they are.
    public static TensorSource of(String name, DType dtype, Shape shape, MemorySegment bytes) {
        if (bytes.byteSize() != shape.size() * dtype.bytes()) {
            throw new IllegalArgumentException("tensor '%s': %s %s needs %d bytes, the segment has %d"
                    .formatted(name, dtype, shape, shape.size() * dtype.bytes(), bytes.byteSize()));
        }
        return new TensorSource(name, dtype, shape, (first, into) ->
                MemorySegment.copy(bytes, first * dtype.bytes(), into, 0, into.byteSize()));
    }

    /// A tensor on any device, downloaded piece by piece while it is written. Rows may have gaps.
    public static TensorSource of(String name, Tensor tensor, Backend backend) {
        return new TensorSource(name, tensor.dtype(), tensor.shape(), (first, into) -> {
            if (tensor.isContiguous()) {
                download(backend, tensor, tensor.offset() + first, into);
            } else {
                downloadRows(backend, tensor, first, into);
            }
        });
    }

    /// Bytes of all elements.
    public long bytes() {
        return shape.size() * dtype.bytes();
    }

    private static void downloadRows(Backend backend, Tensor tensor, long first, MemorySegment into) {
        long element = tensor.dtype().bytes();
        long count = into.byteSize() / element;
        for (long done = 0; done < count; ) {
            long row = (first + done) / tensor.cols();
            long col = (first + done) % tensor.cols();
            long run = Math.min(tensor.cols() - col, count - done);
            long from = tensor.offset() + row * tensor.rowStride() + col;
            download(backend, tensor, from, into.asSlice(done * element, run * element));
            done += run;
        }
    }

    private static void download(Backend backend, Tensor tensor, long from, MemorySegment into) {
        int count = Math.toIntExact(into.byteSize() / tensor.dtype().bytes());
        backend.download(into, new Tensor(tensor.storage(), tensor.dtype(), Shape.of(count), from, count));
    }
}
