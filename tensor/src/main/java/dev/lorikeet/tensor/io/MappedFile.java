package dev.lorikeet.tensor.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A whole file as read-only memory. The arena also owns what is derived from the file, such as the copy of a
/// transposed view, and is shared because any thread may compute with a weight.
///
/// @param path  where the file is
/// @param bytes its bytes
/// @param arena unmaps when closed
record MappedFile(Path path, MemorySegment bytes, Arena arena) implements AutoCloseable {
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static MappedFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new FormatException(path, "a file", Files.isDirectory(path) ? "a directory" : "nothing there");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new MappedFile(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), arena);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    long size() {
        return bytes.byteSize();
    }

    /// Little-endian, any alignment; the caller has checked that the bytes are there.
    long getLong(long at) {
        return bytes.get(LONG, at);
    }

    long getUnsignedInt(long at) {
        return Integer.toUnsignedLong(bytes.get(INT, at));
    }

    int getUnsignedShort(long at) {
        return Short.toUnsignedInt(bytes.get(SHORT, at));
    }

    /// A copy of some bytes; the caller has checked that they are there and few.
    byte[] copy(long at, long length) {
        return bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// What the first bytes betray if this is not a file of tensors at all, or null.
    String looksLike() {
        String start = new String(copy(0, Math.min(size(), 64)), StandardCharsets.ISO_8859_1).stripLeading();
        if (start.startsWith("version https://git-lfs")) {
            return "This is a Git LFS pointer, not the file itself: run 'git lfs pull' or download the file again.";
        }
        if (start.startsWith("<")) {
            return "This looks like a web page: the download went wrong.";
        }
        return size() == 0 ? "The file is empty: the download or copy went wrong." : null;
    }

    @Override
    public void close() {
        arena.close();
    }
}
