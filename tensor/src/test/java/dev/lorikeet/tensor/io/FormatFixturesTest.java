package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every file of `formats`, every tensor, every value.
class FormatFixturesTest {
    private static final JsonNode MANIFEST = Fixtures.json(Fixtures.resource("formats/manifest.json"));

    private static final Map<String, String> REASONS = Map.of(
            "bad_header_length.safetensors", "at most 100000000 bytes",
            "bad_hole.safetensors", "offset 8 (gap)",
            "bad_json.safetensors", "header in JSON",
            "bad_offsets_outside.safetensors", "data_offsets within",
            "bad_overlap.safetensors", "offset 4 (overlap)",
            "bad_shape_mismatch.safetensors", "bytes in data_offsets",
            "bad_short.safetensors", "found 5 bytes",
            "bad_trailing.safetensors", "belong to no tensor",
            "bad_truncated.safetensors", "cut off");

    @TestFactory
    Stream<DynamicTest> every_value_is_the_one_in_the_manifest() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode kind : MANIFEST.get("contents")) {
            kind.properties().forEach(file -> tests.add(
                    DynamicTest.dynamicTest(file.getKey(), () -> check(file.getKey(), file.getValue()))));
        }
        assertThat(tests).hasSize(9);
        return tests.stream();
    }

    private static void check(String file, JsonNode tensors) {
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.resource("formats/" + file));
                Backend backend = Backends.open("scalar");
                Arena arena = Arena.ofConfined()) {
            assertThat(checkpoint.names())
                    .containsExactlyInAnyOrderElementsOf(tensors.properties().stream().map(e -> e.getKey()).toList());
            tensors.properties().forEach(entry -> {
                String name = entry.getKey();
                TensorInfo info = checkpoint.info(name);
                DType dtype = DType.valueOf(entry.getValue().get("dtype").asText());
                List<Object> expected = Fixtures.values(dtype, entry.getValue().get("values"));
                assertThat(info.dtype()).as(name).isEqualTo(dtype);
                assertThat(info.shape().dims()).as(name).isEqualTo(stream(entry.getValue().get("shape"))
                        .mapToInt(JsonNode::asInt).toArray());
                assertThat(Fixtures.values(dtype, checkpoint.bytes(name))).as(name).isEqualTo(expected);

                Tensor tensor = checkpoint.load(backend, name);
                MemorySegment downloaded = arena.allocate(tensor.bytes(), 8);
                backend.download(downloaded, tensor);
                assertThat(tensor.shape()).as(name).isEqualTo(info.shape());
                assertThat(Fixtures.values(dtype, downloaded)).as(name).isEqualTo(expected);
            });
        }
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    @TestFactory
    Stream<DynamicTest> malformed_files_are_refused_with_file_and_reason() {
        return stream(MANIFEST.get("must_be_refused")).map(JsonNode::asText)
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Path file = Fixtures.resource("formats/" + name);
                    assertThatThrownBy(() -> SafetensorsFile.open(file))
                            .isInstanceOf(FormatException.class)
                            .hasMessageStartingWith(file + ": ")
                            .hasMessageContaining(REASONS.get(name));
                }));
    }

    @Test
    void what_stands_beside_the_state_dict_is_listed_by_path() {
        try (TorchFile file = TorchFile.open(Fixtures.resource("formats/nested.pt"))) {
            assertThat(file.extras())
                    .containsEntry("epoch", 3L)
                    .containsEntry("lr", 0.5)
                    .containsEntry("name", "x")
                    .containsEntry("list.0", 1L)
                    .containsEntry("list.1", 2.0)
                    .containsEntry("list.2", null)
                    .containsEntry("list.3", true)
                    .containsEntry("tuple.0", 1L)
                    .containsEntry("tuple.1", "a")
                    .hasSize(9);
        }
    }

    @TestFactory
    Stream<DynamicTest> tied_tensors_and_views_keep_sharing_one_storage() {
        return Stream.of("zip.bin", "legacy.bin", "nested.pt", "protocol4.bin")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    try (TorchFile file = TorchFile.open(Fixtures.resource("formats/" + name));
                            Backend backend = Backends.open("scalar")) {
                        Tensor a = file.load(backend, "tied.a");
                        Tensor b = file.load(backend, "tied.b");
                        assertThat(a.storage()).isSameAs(b.storage());
                        assertThat(file.load(backend, "plain").storage()).isNotSameAs(a.storage());
                        assertThat(file.info("tied.a").begin()).isEqualTo(file.info("tied.b").begin());
                    }
                }));
    }

    @Test
    void nothing_is_copied_where_the_file_has_the_elements_in_order() {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.resource("gpt2-tiny/model.safetensors"));
                Backend backend = Backends.open("scalar")) {
            for (String name : file.names()) {
                assertThat(file.load(backend, name).address()).isEqualTo(file.bytes(name).address());
            }
        }
    }
}
