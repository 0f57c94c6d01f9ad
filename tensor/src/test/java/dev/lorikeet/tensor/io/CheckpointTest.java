package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final Path TINY = Fixtures.resource("gpt2-tiny");

    @TempDir
    Path temp;

    @Test
    void shards_hold_the_bytes_of_the_single_file() {
        try (Checkpoint single = Checkpoint.open(TINY);
                Checkpoint sharded = Checkpoint.open(TINY.resolve("sharded"))) {
            assertThat(single.path()).hasFileName("model.safetensors");
            assertThat(sharded.path()).hasFileName("model.safetensors.index.json");
            assertThat(sharded.files()).hasSize(3);
            assertThat(sharded.names()).hasSize(28).containsExactlyInAnyOrderElementsOf(single.names());
            for (String name : single.names()) {
                assertSame(single, name, sharded, name);
            }
        }
    }

    @Test
    void the_pickle_holds_the_bytes_of_the_safetensors_file_and_the_tied_head() {
        try (Checkpoint safetensors = Checkpoint.open(TINY);
                Checkpoint pickle = Checkpoint.open(TINY.resolve("pytorch_model.bin"));
                Backend backend = Backends.open("scalar")) {
            for (String name : safetensors.names()) {
                assertSame(safetensors, name, pickle, name);
            }
            Set<String> rest = pickle.names().stream()
                    .filter(name -> !safetensors.names().contains(name))
                    .collect(Collectors.toSet());
            assertThat(rest).contains("lm_head.weight").allMatch(name ->
                    name.equals("lm_head.weight") || name.endsWith("attn.bias") || name.endsWith("attn.masked_bias"));
            assertThat(pickle.load(backend, "lm_head.weight").storage())
                    .isSameAs(pickle.load(backend, "transformer.wte.weight").storage());
        }
    }

    @Test
    void the_legacy_pickle_with_bare_names_holds_the_same_bytes() {
        try (Checkpoint safetensors = Checkpoint.open(TINY);
                Checkpoint bare = Checkpoint.open(TINY.resolve("bare"))) {
            assertThat(bare.path()).hasFileName("pytorch_model.bin");
            for (String name : safetensors.names()) {
                assertSame(safetensors, name, bare, name.replace("transformer.", ""));
            }
        }
    }

    @Test
    void an_empty_directory_is_refused_with_the_list_of_names() {
        assertThatThrownBy(() -> Checkpoint.open(temp))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(temp.toString())
                .hasMessageContaining("model.safetensors, model.safetensors.index.json, pytorch_model.bin")
                .hasMessageContaining("adapter_model.bin");
    }

    @Test
    void a_missing_file_is_refused() {
        assertThatThrownBy(() -> Checkpoint.open(temp.resolve("no.safetensors")))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("nothing there");
    }

    @Test
    void an_unknown_name_is_refused_with_similar_ones() {
        try (Checkpoint checkpoint = Checkpoint.open(TINY)) {
            assertThatThrownBy(() -> checkpoint.bytes("wte.weight"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("'transformer.wte.weight'");
        }
    }

    @Test
    void missing_shards_are_listed() throws IOException {
        Files.writeString(temp.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.open(temp))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("no one.safetensors, two.safetensors");
    }

    @Test
    void an_index_cannot_reach_out_of_its_directory() throws IOException {
        for (String name : new String[] {"../x", "/etc/passwd", "..", "", "a/b"}) {
            Files.writeString(temp.resolve("model.safetensors.index.json"),
                    "{\"weight_map\": {\"a\": \"" + name + "\"}}");
            assertThatThrownBy(() -> Checkpoint.open(temp))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("the name of a file beside the index");
        }
    }

    @Test
    void a_tensor_that_its_shard_does_not_have_is_refused() throws IOException {
        Files.copy(TINY.resolve("sharded/model-00001-of-00003.safetensors"), temp.resolve("s.safetensors"));
        Files.writeString(temp.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"s.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.open(temp))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("s.safetensors: tensor 'a'");
    }

    @Test
    void pointers_and_web_pages_are_recognised() throws IOException {
        Path file = temp.resolve("model.safetensors");
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 10\n");
        assertThatThrownBy(() -> Checkpoint.open(temp)).hasMessageContaining("git lfs pull");
        Files.writeString(file, "<!DOCTYPE html><html></html>");
        assertThatThrownBy(() -> Checkpoint.open(temp)).hasMessageContaining("web page");
    }

    private static void assertSame(Checkpoint a, String nameInA, Checkpoint b, String nameInB) {
        assertThat(a.info(nameInA).dtype()).isEqualTo(b.info(nameInB).dtype());
        assertThat(a.info(nameInA).shape()).isEqualTo(b.info(nameInB).shape());
        assertThat(a.bytes(nameInA).mismatch(b.bytes(nameInB))).as(nameInA).isEqualTo(-1);
    }
}
