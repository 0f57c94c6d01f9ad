package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Writes safetensors files with the very bytes of `safetensors.torch.save_file(tensors, file, metadata)`: tensors by
/// element type (widest and most general first) and then by the UTF-8 bytes of their names, compact JSON, header padded
/// with spaces to a multiple of 8.
public final class SafetensorsWriter {
    /// What the Hugging Face libraries put into every file and expect there.
    public static final Map<String, String> PT = Map.of("format", "pt");

    /// The reference sorts by descending position in its enum of types (`Dtype` in `safetensors/src/tensor.rs`).
    private static final List<DType> ORDER = List.of(
            DType.I64, DType.F64, DType.F32, DType.I32, DType.BF16, DType.F16, DType.I16, DType.I8, DType.U8,
            DType.BOOL);

    private SafetensorsWriter() {}

    /// Writes a file, replacing it if it exists; see [AtomicFile] for what happens on failure.
    ///
    /// @param tensors  in any order; tensors are streamed, never held in memory as a whole
    /// @param metadata texts for `__metadata__`, written in the map's order; an empty map writes no `__metadata__`
    /// @throws IllegalArgumentException     for a repeated or reserved name, or one that is not Unicode text
    /// @throws java.io.UncheckedIOException if the file cannot be written
    public static void write(Path file, Collection<TensorSource> tensors, Map<String, String> metadata) {
        Set<String> names = new HashSet<>();
        for (TensorSource tensor : tensors) {
            if (tensor.name().equals("__metadata__") || !names.add(tensor.name())) {
                throw new IllegalArgumentException("cannot write %s: the tensor name '%s' is reserved or used twice"
                        .formatted(file, tensor.name()));
            }
        }
        Comparator<TensorSource> order = Comparator.comparingInt(tensor -> ORDER.indexOf(tensor.dtype()));
        List<TensorSource> sorted = tensors.stream()
                .sorted(order.thenComparing(tensor -> utf8(tensor.name()), Arrays::compareUnsigned))
                .toList();
        byte[] header = utf8(header(sorted, metadata));
        int padding = -header.length & 7;
        if (header.length + padding > SafetensorsHeader.MAX_LENGTH) {
            throw new IllegalArgumentException("cannot write %s: the header has %d bytes, readers refuse more than %d"
                    .formatted(file, header.length, SafetensorsHeader.MAX_LENGTH));
        }
        ByteBuffer start = ByteBuffer.allocate(8 + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length + padding).put(header).put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        try (AtomicFile out = AtomicFile.create(file)) {
            out.write(start.flip());
            TensorStream stream = new TensorStream();
            for (TensorSource tensor : sorted) {
                stream.forEachPiece(tensor, out::write);
            }
            out.commit();
        }
    }

    private static String header(List<TensorSource> sorted, Map<String, String> metadata) {
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            json.append("\"__metadata__\":{");
            metadata.forEach((key, value) -> {
                JsonText.quote(separated(json), key);
                JsonText.quote(json.append(':'), value);
            });
            json.append('}');
        }
        long offset = 0;
        for (TensorSource tensor : sorted) {
            JsonText.quote(separated(json), tensor.name());
            json.append(":{\"dtype\":\"").append(tensor.dtype()).append("\",\"shape\":")
                    .append(Arrays.toString(tensor.shape().dims()).replace(" ", ""))
                    .append(",\"data_offsets\":[").append(offset).append(',').append(offset + tensor.bytes())
                    .append("]}");
            offset += tensor.bytes();
        }
        return json.append('}').toString();
    }

    /// A comma, unless an object has just been opened.
    private static StringBuilder separated(StringBuilder json) {
        return json.charAt(json.length() - 1) == '{' ? json : json.append(',');
    }

    private static byte[] utf8(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("not Unicode text: " + FormatException.quote(text));
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
