package dev.lorikeet.tensor.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Pickles put together by hand. A pickle is a string of the characters 0 to 255, one for each byte.
final class TorchPickles {
    private TorchPickles() {}

    /// A zip archive of torch.save around a pickle.
    static byte[] archive(String pickle, Map<String, byte[]> storages) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("archive/data.pkl", bytes(pickle));
        storages.forEach((key, content) -> entries.put("archive/data/" + key, content));
        entries.put("archive/version", bytes("3\n"));
        return zip(entries, ZipEntry.STORED);
    }

    /// The same as a file.
    static Path archive(Path file, String pickle, Map<String, byte[]> storages) {
        try {
            return Files.write(file, archive(pickle, storages));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A zip archive, written by the JDK.
    static byte[] zip(Map<String, byte[]> entries, int method) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> content : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(content.getKey());
                CRC32 crc = new CRC32();
                crc.update(content.getValue());
                entry.setMethod(method);
                entry.setSize(content.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(content.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] bytes(String pickle) {
        return pickle.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// A whole pickle of protocol 2.
    static String pickle(String value) {
        return "\u0080\u0002" + value + ".";
    }

    static String dict(String... keysAndValues) {
        return "}(" + String.join("", keysAndValues) + "u";
    }

    static String tuple(String... values) {
        return "(" + String.join("", values) + "t";
    }

    static String text(String text) {
        return "X" + littleEndian(text.length()) + text;
    }

    static String number(int value) {
        return "J" + littleEndian(value);
    }

    static String number(long value) {
        return "\u008a\u0008" + littleEndian((int) value) + littleEndian((int) (value >> 32));
    }

    static String global(String module, String name) {
        return "c" + module + "\n" + name + "\n";
    }

    /// `callable(arguments…)`
    static String call(String callable, String... arguments) {
        return callable + tuple(arguments) + "R";
    }

    /// Reference to storage "0" of float numbers.
    static String floats(String elements) {
        return tuple(text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), elements) + "Q";
    }

    static String tensor(String storage, String offset, String size, String stride) {
        return call(global("torch._utils", "_rebuild_tensor_v2"), storage, offset, size, stride, "\u0089",
                call(global("collections", "OrderedDict")));
    }

    static String littleEndian(int value) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            bytes.append((char) (value >>> (8 * i) & 0xff));
        }
        return bytes.toString();
    }
}
