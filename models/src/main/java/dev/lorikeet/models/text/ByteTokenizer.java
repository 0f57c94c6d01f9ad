package dev.lorikeet.models.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;

/// One id per UTF-8 byte: ids 0..255 are the bytes, 256 ends a text. No file, no training, 257 embedding rows.
///
/// A directory says that its model uses it with a `tokenizer_config.json` whose `tokenizer_class` is [#CLASS_NAME].
public final class ByteTokenizer implements Tokenizer {
    /// What `tokenizer_class` in `tokenizer_config.json` must say.
    public static final String CLASS_NAME = "LorikeetByteTokenizer";

    /// Id of the end of a text.
    public static final int END_OF_TEXT_ID = 256;

    @Override
    public String name() {
        return "byte";
    }

    @Override
    public int vocabularySize() {
        return END_OF_TEXT_ID + 1;
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xFF;
        }
        return ids;
    }

    @Override
    public byte[] decodeBytes(int... ids) {
        var bytes = new ByteArrayOutputStream(ids.length);
        for (int id : ids) {
            if (id < 0 || id > END_OF_TEXT_ID) {
                throw new IllegalArgumentException("id %d: the byte tokenizer has ids 0 to 256".formatted(id));
            }
            if (id == END_OF_TEXT_ID) {
                bytes.writeBytes(END_OF_TEXT.getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(id);
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.of(END_OF_TEXT_ID);
    }

    @Override
    public Map<String, Integer> specialTokens() {
        return Map.of(END_OF_TEXT, END_OF_TEXT_ID);
    }
}
