package dev.lorikeet.models.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// A mistake in a training file of SST-2.
///
/// @param file   its name
/// @param change what is done to good bytes
/// @param words  of the message
record BadTable(String file, UnaryOperator<byte[]> change, String words) {
    @Override
    public String toString() {
        return words;
    }

    private static byte[] gzip(byte... bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(packed)) {
            stream.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] plus(byte[] start, String more) {
        byte[] end = more.getBytes(StandardCharsets.ISO_8859_1);
        byte[] both = Arrays.copyOf(start, start.length + end.length);
        System.arraycopy(end, 0, both, start.length, end.length);
        return both;
    }

    static Stream<BadTable> all() {
        return Stream.of(
                new BadTable("train.tsv.gz", good -> Arrays.copyOf(gzip(good), 300), "train.tsv.gz||breaks off"),
                new BadTable("train.tsv.gz", _ -> new byte[] {0x1F, (byte) 0x8B}, "train.tsv.gz||breaks off"),
                new BadTable("train.tsv.gz", good -> {
                    byte[] packed = gzip(good);
                    packed[packed.length - 6] ^= 1;
                    return packed;
                }, "train.tsv.gz||damaged"),
                new BadTable("train.tsv", good -> plus(good, "a\tb\t1\n"), "train.tsv:162||2 columns||found 3"),
                new BadTable("train.tsv", good -> plus(good, "text\n"), "train.tsv:162||2 columns||found 1: \"text\""),
                new BadTable("train.tsv", good -> plus(good, "fine\t2\n"), "train.tsv:162||one of [0, 1], found \"2\""),
                new BadTable("train.tsv", good -> plus(good, "fine\t\n"), "train.tsv:162||one of [0, 1], found \"\""),
                new BadTable("train.tsv", good -> plus(good, "caf\u00E9\t1\n"),
                        "train.tsv:162||UTF-8, found byte 0xE9"),
                new BadTable("train.tsv", good -> plus(good, "caf\u00C3"), "train.tsv:162||UTF-8, found byte 0xC3"),
                new BadTable("train.tsv", good -> new String(good, StandardCharsets.UTF_8)
                        .getBytes(StandardCharsets.UTF_16), "train.tsv:1||UTF-8, found byte 0xFE"),
                new BadTable("train.tsv", _ -> bytes("index\tsentence\n0\tgood\n"), "train.tsv:1||'label'||test set"),
                new BadTable("train.tsv", _ -> new byte[0], "train.tsv||at least one example"),
                new BadTable("train.tsv", _ -> bytes("\n\n"), "train.tsv||at least one example"),
                new BadTable("train.tsv", _ -> bytes("sentence\tlabel\n"), "train.tsv||at least one example"),
                new BadTable("dev.txt", good -> good, "SST-2's file train or train_subset||found dev.tsv, dev.txt"));
    }
}
