package dev.lorikeet.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The checked header of a safetensors file.
///
/// @param metadata the texts under `__metadata__`, in the order of the file
/// @param tensors  the tensors, in the order of the header
record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors) {
    static final long MAX_LENGTH = 100_000_000;

    /// Types of the format that the engine has no arithmetic for.
    private static final Set<String> OTHER_TYPES = Set.of("U16", "U32", "U64", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F4",
            "F6_E2M3", "F6_E3M2", "C64");

    /// Jackson bounds names and strings by default; here the header's own bound is enough. Canonicalising names would
    /// put untrusted text into a table with limits of its own.
    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNameLength((int) MAX_LENGTH)
                    .maxStringLength((int) MAX_LENGTH)
                    .maxNestingDepth(128)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    static SafetensorsHeader read(MappedFile file) {
        if (file.size() < 8) {
            throw new FormatException(file.path(), null, "8 bytes of header length", file.size() + " bytes",
                    file.looksLike());
        }
        long length = file.getLong(0);
        if (length < 0 || length > MAX_LENGTH) {
            throw new FormatException(file.path(), null, "a header of at most " + MAX_LENGTH + " bytes",
                    Long.toUnsignedString(length) + " bytes", file.looksLike());
        }
        if (length > file.size() - 8) {
            throw new FormatException(file.path(), null, "a header of " + length + " bytes",
                    "a file of " + file.size() + " bytes", "The file is cut off or not a safetensors file.");
        }
        String json;
        try {
            json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file.copy(8, length))).toString();
        } catch (CharacterCodingException e) {
            throw new FormatException(file.path(), "a header in UTF-8", "bytes that are not UTF-8");
        }
        return new Parser(file.path(), 8 + length, file.size()).parse(json);
    }

    /// Reads the JSON of one header.
    ///
    /// @param dataStart position of the first data byte in the file
    /// @param fileSize  length of the file
    private record Parser(Path path, long dataStart, long fileSize) {
        SafetensorsHeader parse(String json) {
            Map<String, String> metadata = new LinkedHashMap<>();
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            try (JsonParser in = JSON.createParser(json)) {
                expect(in.nextToken() == JsonToken.START_OBJECT, null, "a header that is a JSON object", in);
                while (in.nextToken() == JsonToken.FIELD_NAME) {
                    String name = checkedText(in.currentName());
                    in.nextToken();
                    if (name.equals("__metadata__")) {
                        readMetadata(in, metadata);
                    } else {
                        tensors.put(name, readTensor(in, name));
                    }
                }
                expect(in.nextToken() == null, null, "nothing after the header's object", in);
            } catch (JsonProcessingException e) {
                throw new FormatException(path, "a header in JSON without duplicate keys",
                        FormatException.quote(e.getOriginalMessage())
                                + (e.getLocation() == null ? "" : " at character " + e.getLocation().getCharOffset()));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the header of " + path, e);
            }
            checkCoverage(tensors.values());
            return new SafetensorsHeader(
                    Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(tensors));
        }

        private void readMetadata(JsonParser in, Map<String, String> metadata) throws IOException {
            if (in.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            expect(in.currentToken() == JsonToken.START_OBJECT, null, "an object as __metadata__", in);
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String key = checkedText(in.currentName());
                expect(in.nextToken() == JsonToken.VALUE_STRING, null, "texts in __metadata__", in);
                metadata.put(key, checkedText(in.getText()));
            }
        }

        private TensorInfo readTensor(JsonParser in, String name) throws IOException {
            expect(in.currentToken() == JsonToken.START_OBJECT, name, "an object with dtype, shape, data_offsets", in);
            DType dtype = null;
            long[] shape = null;
            long[] offsets = null;
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String key = in.currentName();
                in.nextToken();
                switch (key) {
                    case "dtype" -> dtype = readType(in, name);
                    case "shape" -> shape = readSizes(in, name, "shape");
                    case "data_offsets" -> offsets = readSizes(in, name, "data_offsets");
                    default -> in.skipChildren();
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw new FormatException(path, name, "dtype, shape and data_offsets",
                        "no " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            return checkedTensor(name, dtype, shape, offsets);
        }

        private DType readType(JsonParser in, String name) throws IOException {
            expect(in.currentToken() == JsonToken.VALUE_STRING, name, "a text as dtype", in);
            String type = in.getText();
            for (DType dtype : DType.values()) {
                if (dtype.name().equals(type)) {
                    return dtype;
                }
            }
            throw new FormatException(path, name, "a dtype of " + Arrays.toString(DType.values()),
                    FormatException.quote(type),
                    OTHER_TYPES.contains(type)
                            ? "safetensors has this type, but the engine does not: convert the tensor first."
                            : null);
        }

        private long[] readSizes(JsonParser in, String name, String what) throws IOException {
            expect(in.currentToken() == JsonToken.START_ARRAY, name, "a list of integers as " + what, in);
            List<Long> sizes = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                boolean isSize = in.currentToken() == JsonToken.VALUE_NUMBER_INT && !in.getText().startsWith("-");
                expect(isSize, name, "integers >= 0 in " + what, in);
                expect(in.getTextLength() <= 18, name, "sizes below 10^18 in " + what, in);
                sizes.add(in.getLongValue());
            }
            return sizes.stream().mapToLong(Long::longValue).toArray();
        }

        private TensorInfo checkedTensor(String name, DType dtype, long[] dims, long[] offsets) {
            if (offsets.length != 2) {
                throw new FormatException(path, name, "two data_offsets", Arrays.toString(offsets));
            }
            Shape shape = TensorInfo.checkedShape(path, name, dtype, dims);
            if (offsets[1] < offsets[0] || offsets[1] > fileSize - dataStart) {
                throw new FormatException(path, name, "data_offsets within " + (fileSize - dataStart) + " data bytes",
                        Arrays.toString(offsets), "The file is cut off or its header is damaged.");
            }
            TensorInfo info = new TensorInfo(name, dtype, shape, dataStart + offsets[0], dataStart + offsets[1]);
            if (info.bytes() != info.end() - info.begin()) {
                throw new FormatException(path, name, info.bytes() + " bytes for " + dtype + " " + shape,
                        (info.end() - info.begin()) + " bytes in data_offsets " + Arrays.toString(offsets));
            }
            return info;
        }

        /// The tensors must follow each other without gap or overlap and end where the file ends.
        private void checkCoverage(Collection<TensorInfo> tensors) {
            long position = dataStart;
            List<TensorInfo> inOrder = tensors.stream()
                    .sorted(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end))
                    .toList();
            for (TensorInfo info : inOrder) {
                if (info.begin() != position) {
                    throw new FormatException(path, info.name(), "data at offset " + (position - dataStart),
                            "offset " + (info.begin() - dataStart)
                                    + (info.begin() < position ? " (overlap)" : " (gap)"));
                }
                position = info.end();
            }
            if (position != fileSize) {
                throw new FormatException(path, "a file of " + position + " bytes",
                        fileSize + " bytes: " + (fileSize - position) + " bytes belong to no tensor");
            }
        }

        /// JSON can escape half of a surrogate pair, which is no text.
        private String checkedText(String text) {
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                throw new FormatException(path, "Unicode text", FormatException.quote(text));
            }
            return text;
        }

        private void expect(boolean condition, String tensor, String expected, JsonParser in) throws IOException {
            if (!condition) {
                String token = in.currentToken() == null ? "the end" : FormatException.quote(in.getText());
                throw new FormatException(path, tensor, expected, token, null);
            }
        }
    }
}
