package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.io.StoredZip.Entry;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a file of `torch.save` holds: one pickled object, and the bytes of the storages that it refers to.
///
/// @param root     the unpickled object
/// @param storages where the bytes of each storage are, by key
record TorchContents(Object root, Map<String, Range> storages) {
    /// @param begin  position of the first byte in the file
    /// @param length number of bytes
    record Range(long begin, long length) {}

    /// Pickles describe tensors in some hundred bytes each; more than this is no checkpoint.
    private static final long MAX_PICKLE = 64 << 20;

    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

    /// Reads either format, told apart by the first bytes.
    static TorchContents read(MappedFile file) {
        if (file.size() >= 4 && file.getUnsignedInt(0) == 0x04034b50L) {
            return readZip(file);
        }
        if (file.size() >= 2 && file.getUnsignedShort(0) >>> 8 <= 5 && (file.getUnsignedShort(0) & 0xff) == 0x80) {
            return readLegacy(file);
        }
        throw new FormatException(file.path(), null, "a file of torch.save: a zip archive or a pickle",
                "other bytes at the start", file.looksLike());
    }

    /// The format since PyTorch 1.6: a zip with `<any>/data.pkl` and `<any>/data/<key>`.
    private static TorchContents readZip(MappedFile file) {
        Map<String, Entry> entries = StoredZip.read(file);
        List<String> pickles = entries.keySet().stream()
                .filter(name -> name.matches("([^/]+/)?data\\.pkl"))
                .toList();
        if (pickles.size() != 1) {
            throw new FormatException(file.path(), "one entry <name>/data.pkl", pickles.size() + " in the zip archive");
        }
        String top = pickles.getFirst().substring(0, pickles.getFirst().length() - "data.pkl".length());
        checkByteOrder(file, top + "byteorder", entries.get(top + "byteorder"));
        if (entries.containsKey(top + "constants.pkl")) {
            throw new FormatException(file.path(), null, "a state dict", "a TorchScript program",
                    "Save model.state_dict() with torch.save.");
        }
        Entry pickle = entries.get(pickles.getFirst());
        checkPickleSize(file, pickle.length());
        Unpickler in = new Unpickler(file.path(), StoredZip.checkedBytes(file, pickles.getFirst(), pickle));
        Map<String, Range> storages = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            if (name.startsWith(top + "data/")) {
                storages.put(name.substring(top.length() + 5), new Range(entry.begin(), entry.length()));
            }
        });
        return new TorchContents(in.load(), storages);
    }

    private static void checkByteOrder(MappedFile file, String name, Entry entry) {
        if (entry == null) {
            return;
        }
        checkPickleSize(file, entry.length());
        String order = new String(StoredZip.checkedBytes(file, name, entry), StandardCharsets.ISO_8859_1);
        if (!order.equals("little")) {
            throw new FormatException(file.path(), null, "little-endian data", FormatException.quote(order),
                    "Load and save the file with PyTorch on a little-endian machine.");
        }
    }

    private static void checkPickleSize(MappedFile file, long length) {
        if (length > MAX_PICKLE) {
            throw new FormatException(file.path(), "a pickle of at most " + MAX_PICKLE + " bytes", length + " bytes");
        }
    }

    /// The format before: pickles of a magic number, a version, the machine's properties, the object and the list of
    /// storage keys; then for each key the number of elements (8 bytes) and the elements.
    private static TorchContents readLegacy(MappedFile file) {
        Unpickler in = new Unpickler(file.path(), file.copy(0, Math.min(file.size(), MAX_PICKLE)));
        Object magic = in.load();
        if (!MAGIC.equals(magic)) {
            throw new FormatException(file.path(), null, "the magic number of torch.save",
                    magic instanceof Number ? magic.toString() : PickleObjects.typeName(magic),
                    "A plain pickle is not a checkpoint: save the state dict with torch.save.");
        }
        Object version = in.load();
        if (!Long.valueOf(1001).equals(version)) {
            throw new FormatException(file.path(), "protocol version 1001",
                    version instanceof Number ? version.toString() : PickleObjects.typeName(version));
        }
        if (!(in.load() instanceof Map<?, ?> system) || !Boolean.TRUE.equals(system.get("little_endian"))) {
            throw new FormatException(file.path(), null, "little-endian data", "a machine that is not", null);
        }
        Object root = in.load();
        Object keys = in.load();
        return new TorchContents(root, legacyStorages(file, keys, in.storageTypes(), in.position()));
    }

    private static Map<String, Range> legacyStorages(
            MappedFile file, Object keys, Map<String, DType> types, long at) {
        if (!(keys instanceof List<?> list)) {
            throw new FormatException(file.path(), "a list of storage keys", PickleObjects.typeName(keys));
        }
        Map<String, Range> storages = new LinkedHashMap<>();
        for (Object key : list) {
            DType type = key instanceof String name ? types.get(name) : null;
            if (type == null) {
                throw new FormatException(file.path(), "keys of storages that the pickle uses",
                        key instanceof String name ? FormatException.quote(name) : PickleObjects.typeName(key));
            }
            int elementSize = type.bytes();
            long elements = file.size() - at < 8 ? -1 : file.getLong(at);
            if (elements < 0 || elements > (file.size() - at - 8) / elementSize) {
                throw new FormatException(file.path(), null,
                        "the data of storage " + FormatException.quote((String) key) + " at " + at,
                        elements + " elements, the file has " + file.size() + " bytes",
                        "The file is cut off or damaged.");
            }
            if (storages.put((String) key, new Range(at + 8, elements * elementSize)) != null) {
                throw new FormatException(file.path(), "each storage key once", FormatException.quote((String) key));
            }
            at += 8 + elements * elementSize;
        }
        if (at != file.size()) {
            throw new FormatException(file.path(), "the file's end at " + at, file.size() + " bytes");
        }
        return storages;
    }
}
