package dev.lorikeet.tensor.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// Golden files and what is known about them.
final class Fixtures {
    private Fixtures() {}

    /// A file or directory of the test resources.
    static Path resource(String name) {
        try {
            return Path.of(Fixtures.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A file or directory beside the checkout; the test is skipped if it is not there.
    static Path shared(String name) {
        Path path = Path.of("..", "..", "shared").resolve(name).toAbsolutePath().normalize();
        Assumptions.assumeTrue(Files.exists(path), () -> "skipped: there is no " + path);
        return path;
    }

    static JsonNode json(Path path) {
        try {
            return new ObjectMapper().readTree(path.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    /// The numbers of a tensor as the manifests write them: doubles, integers, bools, `"inf"`.
    static List<Object> values(DType dtype, MemorySegment bytes) {
        List<Object> values = new ArrayList<>();
        for (long at = 0; at < bytes.byteSize(); at += dtype.bytes()) {
            values.add(value(dtype, bytes, at));
        }
        return values;
    }

    private static Object value(DType dtype, MemorySegment bytes, long at) {
        return switch (dtype) {
            case F64 -> bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
            case F32 -> (double) bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
            case F16 -> (double) Float.float16ToFloat(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
            case BF16 -> (double) Float.intBitsToFloat(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) << 16);
            case I64 -> bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            case I32 -> (long) bytes.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            case I16 -> (long) bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
            case I8 -> (long) bytes.get(ValueLayout.JAVA_BYTE, at);
            case U8 -> (long) Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at));
            case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, at) != 0;
        };
    }

    /// The numbers of a manifest entry for a tensor of this type.
    static List<Object> values(DType dtype, JsonNode values) {
        List<Object> expected = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isTextual()) {
                expected.add(Double.parseDouble(value.asText().replace("inf", "Infinity")));
            } else if (dtype == DType.BOOL) {
                expected.add(value.asBoolean());
            } else {
                expected.add(dtype.isFloating() ? (Object) value.asDouble() : value.asLong());
            }
        }
        return expected;
    }
}
