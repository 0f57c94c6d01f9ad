package dev.lorikeet.cuda;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Makes a shared library need another version of a library than the one it was linked with.
///
/// JCuda's natives are linked with CUDA 12 and bind their functions lazily; those that are used here did not change in
/// CUDA 13. What stops the loader is a name: the needed library's in the dynamic string table, where the symbols'
/// version requirement shares it, and that version's hash (System V gABI, chapter 5; *Linux Standard Base*, symbol
/// versioning). Old and new name have the same length, so they change places.
final class ElfRelink {
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final long DT_STRTAB = 5;
    private static final long DT_STRSZ = 10;
    private static final long DT_VERNEED = 0x6FFFFFFEL;
    private static final long DT_VERNEEDNUM = 0x6FFFFFFFL;

    private final ByteBuffer elf;

    private ElfRelink(byte[] library) {
        elf = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// A copy of `library`, a 64-bit little-endian ELF file, that needs `to` where it needed `from`.
    ///
    /// @throws IllegalArgumentException if it is no such file, or does not need `from`
    static byte[] relink(byte[] library, String from, String to) {
        if (from.length() != to.length()) {
            throw new IllegalArgumentException("'%s' and '%s' differ in length".formatted(from, to));
        }
        if (library.length < 64 || library[0] != 0x7F || library[1] != 'E' || library[4] != 2 || library[5] != 1) {
            throw new IllegalArgumentException("not a 64-bit little-endian ELF file");
        }
        ElfRelink relink = new ElfRelink(library.clone());
        relink.rename(from.getBytes(US_ASCII), to.getBytes(US_ASCII));
        relink.rehash(hash(from), hash(to));
        return relink.elf.array();
    }

    private void rename(byte[] from, byte[] to) {
        int start = offset(dynamic(DT_STRTAB));
        int end = start + (int) dynamic(DT_STRSZ);
        boolean found = false;
        for (int at = start; at + from.length < end; at++) {
            boolean whole = elf.get(at + from.length) == 0 && (at == start || elf.get(at - 1) == 0);
            if (whole && Arrays.equals(elf.array(), at, at + from.length, from, 0, from.length)) {
                elf.put(at, to);
                found = true;
            }
        }
        if (!found) {
            throw new IllegalArgumentException("the library does not need " + new String(from, US_ASCII));
        }
    }

    /// Walks over the required versions, library by library.
    private void rehash(int from, int to) {
        long table = dynamic(DT_VERNEED);
        int need = table == 0 ? 0 : offset(table);
        for (long n = dynamic(DT_VERNEEDNUM); n > 0 && need > 0; n--) {
            int version = need + elf.getInt(need + 8);
            for (int count = elf.getShort(need + 2); count > 0; count--) {
                if (elf.getInt(version) == from) {
                    elf.putInt(version, to);
                }
                version += elf.getInt(version + 12);
            }
            need += elf.getInt(need + 12);
        }
    }

    /// The value of an entry of the dynamic section; 0 if there is none.
    private long dynamic(long tag) {
        int section = (int) elf.getLong(segment(PT_DYNAMIC, 0) + 8);
        for (int at = section; elf.getLong(at) != 0; at += 16) {
            if (elf.getLong(at) == tag) {
                return elf.getLong(at + 8);
            }
        }
        return 0;
    }

    /// Where in the file the loader finds what it puts at `address`.
    private int offset(long address) {
        int load = segment(PT_LOAD, address);
        return (int) (address - elf.getLong(load + 16) + elf.getLong(load + 8));
    }

    /// The program header of a type; of segments to be loaded, the one that holds `address`.
    private int segment(int type, long address) {
        int size = elf.getShort(0x36);
        for (int n = 0; n < elf.getShort(0x38); n++) {
            int header = (int) elf.getLong(0x20) + n * size;
            long start = elf.getLong(header + 16);
            boolean holds = type != PT_LOAD || address >= start && address < start + elf.getLong(header + 32);
            if (elf.getInt(header) == type && holds) {
                return header;
            }
        }
        throw new IllegalArgumentException("the library has no segment of type %d at %x".formatted(type, address));
    }

    /// The System V hash of a version's name.
    static int hash(String name) {
        int hash = 0;
        for (byte c : name.getBytes(US_ASCII)) {
            hash = (hash << 4) + c;
            int high = hash & 0xF0000000;
            hash = (hash ^ high >>> 24) & ~high;
        }
        return hash;
    }
}
