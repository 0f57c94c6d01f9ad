package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Files of the wild, beside the checkout.
class RealFilesTest {
    @Test
    void the_authors_mnli_adapter_has_the_listed_digests() throws NoSuchAlgorithmException {
        Path directory = Fixtures.shared("data/lora-mnli-adapter");
        JsonNode tensors = Fixtures.json(directory.resolve("tensors.json")).get("tensors");
        try (TorchFile file = TorchFile.open(directory.resolve("roberta_base_lora_mnli.bin"))) {
            assertThat(file.names()).hasSize(52).hasSize(tensors.size());
            for (JsonNode tensor : tensors) {
                String name = tensor.get("name").asText();
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Fixtures.bytes(file.bytes(name)));
                assertThat(HexFormat.of().formatHex(digest)).as(name).isEqualTo(tensor.get("sha256_le_bytes").asText());
            }
        }
    }

    @Test
    void a_legacy_checkpoint_has_its_tied_head_and_byte_masks() {
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.shared("data/checkpoints/tiny-gpt2-legacy"));
                Backend backend = Backends.open("scalar")) {
            assertThat(checkpoint.names()).hasSize(33);
            assertThat(checkpoint.info("transformer.h.0.attn.bias").dtype()).isEqualTo(DType.U8);
            assertThat(checkpoint.info("transformer.h.0.attn.bias").shape()).isEqualTo(Shape.of(1, 1, 1024, 1024));
            assertThat(checkpoint.info("transformer.wte.weight").shape()).isEqualTo(Shape.of(50257, 2));
            assertThat(checkpoint.load(backend, "lm_head.weight").storage())
                    .isSameAs(checkpoint.load(backend, "transformer.wte.weight").storage());
            assertThat(Fixtures.values(DType.F32, checkpoint.bytes("transformer.wte.weight")))
                    .allMatch(value -> Double.isFinite((Double) value));
        }
    }

    @Test
    void adapters_of_other_peoples_hands_are_read() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(Fixtures.shared("data/peft-adapters"))) {
            files = found.filter(file -> file.toString().matches(".*\\.(bin|pt|safetensors)")).sorted().toList();
        }
        assertThat(files).hasSizeGreaterThanOrEqualTo(12);
        for (Path file : files) {
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                assertThat(checkpoint.names()).as(file.toString()).isNotEmpty();
                checkpoint.infos().forEach(info -> assertThat(checkpoint.bytes(info.name()).byteSize())
                        .as("%s %s", file, info).isEqualTo(info.bytes()).isPositive());
            }
        }
    }
}
