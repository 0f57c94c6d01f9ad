package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsHeaderTest {
    @TempDir
    Path temp;

    private Path file(String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(temp.resolve("x.safetensors"), all.putLong(json.length).put(json).array());
    }

    private void refused(String header, int dataBytes, String... reasons) throws IOException {
        Path file = file(header, dataBytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContainingAll(reasons);
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}".formatted(dtype, shape, offsets);
    }

    @Test
    void types_without_arithmetic_are_named() throws IOException {
        for (String type : new String[] {"F8_E4M3", "F8_E5M2", "U16", "U32", "U64", "C64"}) {
            refused(tensor(type, "[1]", "[0,1]"), 1, "tensor 'a'", "found '" + type + "'", "convert the tensor first");
        }
        refused(tensor("FLOAT", "[1]", "[0,4]"), 4, "tensor 'a'", "a dtype of [F64, F32", "found 'FLOAT'");
        refused(tensor("f32", "[1]", "[0,4]"), 4, "found 'f32'");
    }

    @Test
    void duplicate_keys_are_refused() throws IOException {
        String a = "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
        refused("{" + a + "," + a + "}", 1, "Duplicate field", "a");
        refused("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "Duplicate field");
        refused("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "Duplicate field");
    }

    @Test
    void sizes_are_whole_numbers_that_a_file_can_have() throws IOException {
        refused(tensor("U8", "[-1]", "[0,1]"), 1, "integers >= 0 in shape");
        refused(tensor("U8", "[1.0]", "[0,1]"), 1, "integers >= 0 in shape");
        refused(tensor("U8", "[1e0]", "[0,1]"), 1, "integers >= 0 in shape");
        refused(tensor("U8", "[\"1\"]", "[0,1]"), 1, "integers >= 0 in shape");
        refused(tensor("U8", "1", "[0,1]"), 1, "a list of integers as shape");
        refused(tensor("U8", "[99999999999999999999999]", "[0,1]"), 1, "sizes below 10^18 in shape");
        refused(tensor("U8", "[4294967296]", "[0,1]"), 1, "below 2^31");
        refused(tensor("U8", "[2147483647,2147483647,2147483647,0]", "[0,0]"), 0, "below 2^63 bytes");
        refused(tensor("F64", "[2000000000,2000000000,1]", "[0,8]"), 8, "row count below 2^31");
        refused(tensor("U8", "[1]", "[0,1,1]"), 1, "two data_offsets");
        refused(tensor("U8", "[1]", "[1,0]"), 1, "data_offsets within 1 data bytes, found [1, 0]");
        refused(tensor("U8", "[2]", "[0,2]"), 1, "data_offsets within 1 data bytes");
        refused(tensor("U8", "[2]", "[0,1]"), 1, "2 bytes for U8 (2), found 1 bytes");
        refused(tensor("U8", "[1]", "[1,2]"), 2, "offset 1 (gap)");
    }

    @Test
    void the_header_is_one_object_of_the_right_parts() throws IOException {
        refused("[]", 0, "a header that is a JSON object");
        refused("", 0, "a header that is a JSON object, found the end");
        refused("{} {}", 0, "nothing after the header's object");
        refused("{}x", 0, "a header in JSON");
        refused("{}\0", 0, "a header in JSON");
        refused("\uFEFF{}", 0, "a header");
        refused("{\"a\":{\"shape\":[],\"data_offsets\":[0,0]}}", 0, "tensor 'a'", "no dtype");
        refused("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}", 0, "no shape");
        refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 0, "no data_offsets");
        refused("{\"a\":1}", 0, "tensor 'a'", "an object with dtype");
        refused("{\"__metadata__\":{\"a\":1}}", 0, "texts in __metadata__");
        refused("{\"__metadata__\":[]}", 0, "an object as __metadata__");
        refused("{\"\\ud800\":{}}", 0, "Unicode text, found '\\ud800'");
        refused("{\"a\":{\"x\":" + "[".repeat(200) + "]".repeat(200) + "}}", 0, "a header in JSON");
    }

    @Test
    void what_the_reference_accepts_is_accepted() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(file(
                " {\"__metadata__\":null,\"b\":{\"more\":[{}],\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"F32\"},"
                        + "\"e\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[0,0]},"
                        + "\"f\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}\n\t ", 4))) {
            assertThat(file.names()).containsExactly("b", "e", "f");
            assertThat(file.info("b").shape()).isEqualTo(Shape.of());
            assertThat(file.bytes("e").byteSize()).isZero();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void lengths_are_unsigned_and_checked_before_anything_is_allocated() throws IOException {
        for (long length : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 100_000_001, 100_000_000, 9}) {
            byte[] bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
            Path file = Files.write(temp.resolve("y"), bytes);
            assertThatThrownBy(() -> SafetensorsFile.open(file))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(Long.toUnsignedString(length) + " bytes");
        }
    }

    @Test
    void headers_with_long_names_and_many_tensors_are_read() throws IOException {
        StringBuilder header = new StringBuilder("{\"" + "n".repeat(200_000)
                + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}");
        for (int i = 1; i < 50_000; i++) {
            header.append(",\"t%d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}".formatted(i, i, i + 1));
        }
        try (SafetensorsFile file = SafetensorsFile.open(file(header.append('}').toString(), 50_000))) {
            assertThat(file.names()).hasSize(50_000);
        }
    }
}
