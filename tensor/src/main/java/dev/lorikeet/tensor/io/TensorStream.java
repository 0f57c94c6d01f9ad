package dev.lorikeet.tensor.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// Tensors of any size through one buffer of 1 MiB.
final class TensorStream {
    private static final long BUFFER = 1 << 20;

    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER, 64);

    /// Hands the bytes of `tensor` over in order; a piece is valid until `sink` returns.
    void forEachPiece(TensorSource tensor, Consumer<ByteBuffer> sink) {
        long element = tensor.dtype().bytes();
        for (long at = 0; at < tensor.bytes(); at += BUFFER) {
            MemorySegment piece = buffer.asSlice(0, Math.min(BUFFER, tensor.bytes() - at));
            tensor.content().read(at / element, piece);
            sink.accept(piece.asByteBuffer());
        }
    }
}
