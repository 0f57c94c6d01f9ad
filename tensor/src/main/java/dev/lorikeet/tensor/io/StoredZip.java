package dev.lorikeet.tensor.io;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/// The entries of a zip archive whose data lie uncompressed in the file, as `torch.save` writes them, so that a tensor
/// can be mapped. Sizes come from the central directory, also in its 64-bit form.
///
/// Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (ends).
final class StoredZip {
    /// Where the data of an entry are.
    ///
    /// @param begin  position of the first byte in the file
    /// @param length number of bytes
    /// @param crc    CRC-32 of the bytes, as the directory says
    record Entry(long begin, long length, long crc) {}

    private static final long LOCAL = 0x04034b50L;
    private static final long CENTRAL = 0x02014b50L;
    private static final long END = 0x06054b50L;
    private static final long END_64 = 0x06064b50L;
    private static final long LOCATOR_64 = 0x07064b50L;
    private static final long IN_64_BIT_FIELD = 0xffffffffL;

    private final MappedFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private StoredZip(MappedFile file) {
        this.file = file;
    }

    /// All entries by name, in the order of the directory.
    static Map<String, Entry> read(MappedFile file) {
        StoredZip zip = new StoredZip(file);
        zip.readDirectory(zip.findEnd());
        return zip.entries;
    }

    /// The bytes of a small entry, checked against its CRC.
    static byte[] checkedBytes(MappedFile file, String name, Entry entry) {
        byte[] bytes = file.copy(entry.begin(), entry.length());
        CRC32 crc = new CRC32();
        crc.update(bytes);
        if (crc.getValue() != entry.crc()) {
            throw new FormatException(file.path(), null, "CRC-32 %08x for entry '%s'".formatted(entry.crc(), name),
                    "%08x".formatted(crc.getValue()), "The file is damaged: copy or download it again.");
        }
        return bytes;
    }

    private long findEnd() {
        long lowest = Math.max(0, file.size() - 22 - 0xffff);
        for (long at = file.size() - 22; at >= lowest; at--) {
            if (file.getUnsignedInt(at) == END && at + 22 + file.getUnsignedShort(at + 20) == file.size()) {
                return at;
            }
        }
        throw damaged("a zip directory at the end", "none");
    }

    private void readDirectory(long end) {
        long count = file.getUnsignedShort(end + 10);
        long size = file.getUnsignedInt(end + 12);
        long at = file.getUnsignedInt(end + 16);
        if (end >= 20 && file.getUnsignedInt(end - 20) == LOCATOR_64) {
            long end64 = file.getLong(end - 12);
            if (end64 < 0 || end64 > end - 20 - 56 || file.getUnsignedInt(end64) != END_64) {
                throw damaged("a 64-bit zip directory end at " + end64, "something else");
            }
            count = file.getLong(end64 + 32);
            size = file.getLong(end64 + 40);
            at = file.getLong(end64 + 48);
        }
        if (at < 0 || size < 0 || at > end || size > end - at) {
            throw damaged("a zip directory before byte " + end, size + " bytes at " + at);
        }
        long limit = at + size;
        for (long i = 0; i < count; i++) {
            at = readEntry(at, limit);
        }
    }

    /// Reads the directory entry at `at` and returns the position of the next one.
    private long readEntry(long at, long limit) {
        if (limit - at < 46 || file.getUnsignedInt(at) != CENTRAL) {
            throw damaged("a zip directory entry at " + at, "something else");
        }
        int nameLength = file.getUnsignedShort(at + 28);
        int extraLength = file.getUnsignedShort(at + 30);
        long next = at + 46 + nameLength + extraLength + file.getUnsignedShort(at + 32);
        if (next > limit) {
            throw damaged("a zip directory entry within the directory", "one that ends at " + next);
        }
        String name = new String(file.copy(at + 46, nameLength), StandardCharsets.UTF_8);
        if ((file.getUnsignedShort(at + 8) & 1) != 0 || file.getUnsignedShort(at + 10) != 0) {
            throw new FormatException(file.path(), null, "stored entries, as torch.save writes them",
                    "the compressed or encrypted entry " + FormatException.quote(name),
                    "Unpack the archive and save it with torch.save.");
        }
        long[] sizes = {file.getUnsignedInt(at + 24), file.getUnsignedInt(at + 20), file.getUnsignedInt(at + 42)};
        read64(sizes, at + 46 + nameLength, extraLength, name);
        if (sizes[0] != sizes[1]) {
            throw damaged("equal stored and unpacked sizes of " + FormatException.quote(name),
                    sizes[1] + " and " + sizes[0]);
        }
        Entry entry = new Entry(dataStart(sizes[2], sizes[0], name), sizes[0], file.getUnsignedInt(at + 16));
        if (entries.put(name, entry) != null) {
            throw damaged("one entry of each name", "two named " + FormatException.quote(name));
        }
        return next;
    }

    /// Replaces those of unpacked size, stored size and position that stand in the 64-bit extra field, in this order.
    private void read64(long[] sizes, long extra, int extraLength, String name) {
        long end = extra + extraLength;
        long at = extra;
        while (at + 4 <= end && file.getUnsignedShort(at) != 1) {
            at += 4 + file.getUnsignedShort(at + 2);
        }
        long value = at + 4;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == IN_64_BIT_FIELD) {
                if (value + 8 > end) {
                    throw damaged("a 64-bit size of entry " + FormatException.quote(name), "none");
                }
                sizes[i] = file.getLong(value);
                value += 8;
            }
        }
    }

    private long dataStart(long local, long length, String name) {
        if (local < 0 || local > file.size() - 30 || file.getUnsignedInt(local) != LOCAL) {
            throw damaged("the header of entry %s at %d".formatted(FormatException.quote(name), local),
                    "something else");
        }
        long begin = local + 30 + file.getUnsignedShort(local + 26) + file.getUnsignedShort(local + 28);
        if (length < 0 || begin > file.size() || length > file.size() - begin) {
            throw damaged("entry %s within %d bytes".formatted(FormatException.quote(name), file.size()),
                    length + " bytes at " + begin);
        }
        return begin;
    }

    private FormatException damaged(String expected, String found) {
        return new FormatException(file.path(), null, expected, found, "The file is cut off or damaged.");
    }
}
