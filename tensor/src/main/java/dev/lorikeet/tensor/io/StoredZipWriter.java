package dev.lorikeet.tensor.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/// Writes a zip archive of uncompressed entries whose data start at multiples of 64, as `torch.save` does it: padding
/// is an extra field `FB` in the local header. Sizes and positions that need it are written in the 64-bit form.
final class StoredZipWriter {
    /// Bytes of an entry, given to a consumer in order. Called twice: once for the CRC, which stands before the data.
    interface Content {
        void forEachPiece(Consumer<ByteBuffer> sink);
    }

    private static final int ALIGNMENT = 64;
    private static final int UTF_8_NAMES = 0x0800;
    private static final int VERSION = 45;
    private static final int JANUARY_1_1980 = 0x21;

    private final AtomicFile out;
    private final long limit;
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private int entries;

    StoredZipWriter(AtomicFile out) {
        this(out, 0xffffffffL);
    }

    /// @param limit sizes and positions from here on are written in the 64-bit form
    StoredZipWriter(AtomicFile out, long limit) {
        this.out = out;
        this.limit = limit;
    }

    void add(String name, byte[] content) {
        add(name, content.length, sink -> sink.accept(ByteBuffer.wrap(content)));
    }

    void add(String name, long length, Content content) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        CRC32 crc = new CRC32();
        content.forEachPiece(piece -> crc.update(piece.duplicate()));
        long position = out.position();
        boolean wide = length >= limit;
        int extra = wide ? 20 : 0;
        int padding = (int) (-(position + 30 + utf8.length + extra + 4) & (ALIGNMENT - 1));
        ByteBuffer local = buffer(30 + utf8.length + extra + 4 + padding);
        local.putInt(0x04034b50);
        common(local, crc.getValue(), wide ? 0xffffffffL : length, wide ? 0xffffffffL : length, utf8.length);
        local.putShort((short) (extra + 4 + padding)).put(utf8);
        if (wide) {
            local.putShort((short) 1).putShort((short) 16).putLong(length).putLong(length);
        }
        local.put((byte) 'F').put((byte) 'B').putShort((short) padding).put("Z".repeat(padding).getBytes(
                StandardCharsets.US_ASCII));
        out.write(local.flip());
        content.forEachPiece(out::write);
        addToDirectory(utf8, crc.getValue(), length, position);
    }

    /// Writes the directory; the archive is complete then.
    void finish() {
        long start = out.position();
        long size = directory.size();
        out.write(ByteBuffer.wrap(directory.toByteArray()));
        boolean wide = start >= limit || size >= limit || entries >= Math.min(limit, 0xffff);
        ByteBuffer end = buffer(56 + 20 + 22);
        if (wide) {
            end.putInt(0x06064b50).putLong(44).putShort((short) VERSION).putShort((short) VERSION).putInt(0).putInt(0);
            end.putLong(entries).putLong(entries).putLong(size).putLong(start);
            end.putInt(0x07064b50).putInt(0).putLong(start + size).putInt(1);
        }
        short count = (short) (wide ? 0xffff : entries);
        end.putInt(0x06054b50).putInt(0).putShort(count).putShort(count);
        end.putInt((int) (wide ? 0xffffffffL : size)).putInt((int) (wide ? 0xffffffffL : start)).putShort((short) 0);
        out.write(end.flip());
    }

    private void addToDirectory(byte[] name, long crc, long length, long position) {
        boolean wide = length >= limit || position >= limit;
        ByteBuffer entry = buffer(46 + name.length + (wide ? 28 : 0));
        entry.putInt(0x02014b50).putShort((short) VERSION);
        common(entry, crc, wide ? 0xffffffffL : length, wide ? 0xffffffffL : length, name.length);
        entry.putShort((short) (wide ? 28 : 0)).putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
        entry.putInt((int) (wide ? 0xffffffffL : position)).put(name);
        if (wide) {
            entry.putShort((short) 1).putShort((short) 24).putLong(length).putLong(length).putLong(position);
        }
        directory.writeBytes(entry.array());
        entries++;
    }

    /// The fields that local headers and directory entries have in common, from "version needed" to the name's length.
    private static void common(ByteBuffer to, long crc, long stored, long unpacked, int nameLength) {
        to.putShort((short) VERSION).putShort((short) UTF_8_NAMES).putShort((short) 0);
        to.putShort((short) 0).putShort((short) JANUARY_1_1980).putInt((int) crc);
        to.putInt((int) stored).putInt((int) unpacked).putShort((short) nameLength);
    }

    private static ByteBuffer buffer(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }
}
