package dev.lorikeet.models.verify.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.Fixtures;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The second computation against the cases that PyTorch, transformers and PEFT have computed. Both are in double
/// precision, and the stored numbers are rounded to F32.
final class ReferenceTest {
    /// `2e-7·max` for the rounding to F32; a bit more for what five steps of Adam make of it.
    private static final double ROUNDING = 3e-7;

    @ParameterizedTest
    @ValueSource(strings = {
        "gpt2-peft-bias-all", "gpt2-peft-bias-loraonly", "gpt2-peft-dora", "gpt2-peft-embedding", "gpt2-peft-lora",
        "gpt2-peft-modulestosave", "gpt2-peft-rankpattern", "gpt2-peft-rslora", "roberta-peft-dora",
        "roberta-peft-lora", "roberta-peft-regression"})
    void an_adapter_case_of_peft_is_reproduced(String name) {
        Path directory = Fixtures.of(name);
        JsonNode manifest = ReferenceBase.json(directory.resolve("manifest.json"));
        ReferenceBase base = ReferenceBase.read(Fixtures.of(manifest.get("base_model").asText()));

        compare(directory, manifest, Expectations.of(base, base.with(directory.resolve("adapter")), batch(directory)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-tiny", "roberta-tiny-mlm", "roberta-tiny-regression", "roberta-tiny-seqcls"})
    void a_base_case_of_transformers_is_reproduced(String name) {
        Path directory = Fixtures.of(name);
        JsonNode manifest = ReferenceBase.json(directory.resolve("manifest.json"));

        compare(directory, manifest, Expectations.of(ReferenceBase.read(directory), batch(directory)));
    }

    private static PaddedBatch batch(Path directory) {
        Map<String, TensorFile.Entry> inputs = TensorFile.read(directory.resolve("inputs.safetensors"));
        int[] shape = inputs.get("input_ids").shape();
        int[][] ids = new int[shape[0]][shape[1]];
        boolean[][] mask = new boolean[shape[0]][shape[1]];
        for (int i = 0; i < shape[0] * shape[1]; i++) {
            ids[i / shape[1]][i % shape[1]] = inputs.get("input_ids").ints()[i];
            mask[i / shape[1]][i % shape[1]] = inputs.get("attention_mask").ints()[i] != 0;
        }
        return new PaddedBatch(ids, mask, inputs.get("labels").values());
    }

    private static void compare(Path directory, JsonNode manifest, Expectations made) {
        Map<String, TensorFile.Entry> expected = TensorFile.read(directory.resolve("expected.safetensors"));
        Map<String, JsonNode> entries = new HashMap<>();
        manifest.get("tensors").forEach(entry -> entries.put(entry.get("name").asText(), entry));
        int compared = 0;
        for (String tensor : expected.keySet()) {
            if (!tensor.matches("(full_ft\\.)?(grad|after5|merged)/.*|logits|merged_logits")) {
                continue;
            }
            assertThat(made.tensors()).as(tensor).containsKey(tensor);
            double[] values = expected.get(tensor).values();
            double[] actual = made.tensors().get(tensor);
            assertThat(actual).as(tensor).hasSameSizeAs(values);
            double largest = 1e-3;
            for (double value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < values.length; i++) {
                if (!isNoise(entries.get(tensor), i)) {
                    assertThat(actual[i]).as("%s at %d", tensor, i).isCloseTo(values[i], within(ROUNDING * largest));
                }
            }
            compared++;
        }
        assertThat(compared).isGreaterThan(5);
        for (var scalar : manifest.get("scalars").properties()) {
            if (made.scalars().containsKey(scalar.getKey())) {
                JsonNode value = scalar.getValue();
                double[] numbers = value.has("values")
                        ? java.util.stream.StreamSupport.stream(value.get("values").spliterator(), false)
                                .mapToDouble(JsonNode::asDouble).toArray()
                        : new double[] {value.get("value").asDouble()};
                assertThat(made.scalars().get(scalar.getKey())).as(scalar.getKey())
                        .containsExactly(numbers, within(1e-9));
            }
        }
    }

    private static boolean isNoise(JsonNode entry, int i) {
        for (JsonNode range : entry.path("noise_elements")) {
            if (i >= range.get(0).asInt() && i < range.get(1).asInt()) {
                return true;
            }
        }
        return false;
    }
}
