package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorSource;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A mistake in a file of tensors.
///
/// @param tensor which one
/// @param change gives the bad tensor, or null to leave it out
/// @param words  of the message
record BadTensor(String tensor, UnaryOperator<StoredTensor> change, String words) {
    static final String QUERY = "roberta.encoder.layer.0.attention.self.query";

    @Override
    public String toString() {
        return words;
    }

    static Stream<BadTensor> ofTheBase() {
        return Stream.of(
                new BadTensor(QUERY + ".weight", _ -> null,
                        "model.safetensors||layer.0.attention.self.query.weight||expected a tensor of this name"),
                new BadTensor(QUERY + ".weight", good -> new StoredTensor(
                        good.dtype(), Shape.of(16, 64), good.bytes()), QUERY + "||(32, 32)||found shape (16, 64)"),
                new BadTensor(QUERY + ".weight", good -> new StoredTensor(
                        good.dtype(), Shape.of(1024), good.bytes()), QUERY + "||(32, 32)||found shape (1024)"));
    }

    static Stream<BadTensor> ofAnAdapter() {
        String a = "base_model.model." + QUERY + ".lora_A.weight";
        String b = "base_model.model." + QUERY + ".lora_B.weight";
        String head = "base_model.model.classifier.out_proj.weight";
        return Stream.of(
                new BadTensor(a, _ -> null, QUERY + ".lora_B||its partner||incomplete"),
                new BadTensor(b, _ -> null, QUERY + ".lora_A||its partner||incomplete"),
                new BadTensor(head, _ -> null, "the model has no classification head||--adapter"),
                new BadTensor(a, good -> poisoned(good), a + "||expected finite numbers||element 5"),
                new BadTensor(head, good -> poisoned(good), head + "||expected finite numbers||element 5"),
                new BadTensor(a, good -> new StoredTensor(good.dtype(), Shape.of(4, 64), good.bytes()),
                        QUERY + ".lora_A||expected rank 8"),
                new BadTensor(a, good -> new StoredTensor(good.dtype(), Shape.of(256), good.bytes()),
                        QUERY + ".lora_A||expected a matrix"),
                new BadTensor(head, good -> new StoredTensor(good.dtype(), Shape.of(4, 16), good.bytes()),
                        "the head has 4 classes, sst-2 has 2"));
    }

    static StoredTensor poisoned(StoredTensor good) {
        StoredTensor bad = StoredTensor.copyOf(good.dtype(), good.shape(), good.bytes());
        if (bad.dtype() == DType.BF16) {
            bad.bytes().set(ValueLayout.JAVA_SHORT_UNALIGNED, 10, (short) 0x7FC0);
        } else {
            bad.bytes().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 20, Float.NaN);
        }
        return bad;
    }

    void write(Path file) {
        Map<String, StoredTensor> tensors = read(file);
        assertThat(tensors).containsKey(tensor());
        StoredTensor bad = change().apply(tensors.get(tensor()));
        if (bad == null) {
            tensors.remove(tensor());
        } else {
            tensors.put(tensor(), bad);
        }
        write(file, tensors);
    }

    static Map<String, StoredTensor> read(Path file) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            checkpoint.infos().forEach(info -> tensors.put(info.name(),
                    StoredTensor.copyOf(info.dtype(), info.shape(), checkpoint.bytes(info.name()))));
        }
        return tensors;
    }

    static void write(Path file, Map<String, StoredTensor> tensors) {
        SafetensorsWriter.write(file, sources(tensors), SafetensorsWriter.PT);
    }

    static List<TensorSource> sources(Map<String, StoredTensor> tensors) {
        return tensors.entrySet().stream().map(each -> TensorSource.of(each.getKey(), each.getValue().dtype(),
                each.getValue().shape(), each.getValue().bytes())).toList();
    }
}
