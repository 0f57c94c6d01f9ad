package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `lora.Linear`, `lora.MergedLinear` and `lora.Embedding` of loralib against its own numbers (microsoft/LoRA at
/// c4593f0, PyTorch 2.6, computed in F64).
class LoralibLayersTest {
    private static final Map<String, StoredTensor> TENSORS =
            Fixtures.tensors(Fixtures.resource("loralib/layers.safetensors"));
    private static final JsonNode MANIFEST = manifest();

    private Backend backend;
    private Pool pool;

    private static JsonNode manifest() {
        try {
            return new ObjectMapper().readTree(Fixtures.resource("loralib/manifest.json").toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    static Stream<String> projections() {
        return tags("Linear", "MergedLinear");
    }

    static Stream<String> embeddings() {
        return tags("Embedding");
    }

    private static Stream<String> tags(String... ops) {
        List<String> tags = new ArrayList<>();
        MANIFEST.get("cases").forEach(node -> {
            if (List.of(ops).contains(node.get("op").asText())) {
                tags.add(node.get("tag").asText());
            }
        });
        assertThat(tags).isNotEmpty();
        return tags.stream();
    }

    private static JsonNode attributes(String tag) {
        for (JsonNode node : MANIFEST.get("cases")) {
            if (node.get("tag").asText().equals(tag)) {
                return node;
            }
        }
        throw new IllegalArgumentException(tag);
    }

    private void check(String name, Tensor found) {
        Map<String, Double> tolerances = new HashMap<>();
        MANIFEST.get("tensors").forEach(node ->
                tolerances.put(node.get("name").asText(), node.path("max_abs").asDouble() * 2e-7 + 1e-7));
        double[] expected = Numbers.of(TENSORS.get(name));
        double[] values = Numbers.of(backend, found);
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).as("%s[%d]", name, i).isEqualTo(expected[i], within(tolerances.get(name)));
        }
    }

    private Tensor tensor(String name) {
        return TENSORS.get(name).to(backend, DType.F64);
    }

    private static Columns columns(JsonNode attributes) {
        JsonNode enabled = attributes.get("enable_lora");
        if (enabled == null) {
            return Columns.all();
        }
        int width = attributes.get("out").asInt() / enabled.size();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < enabled.size(); i++) {
            if (enabled.get(i).asBoolean()) {
                parts.add(enabled.size() == 3 ? "qkv".substring(i, i + 1) : i * width + ":" + (i + 1) * width);
            }
        }
        return new Columns(parts);
    }

    @ParameterizedTest
    @MethodSource("projections")
    void forward_gradients_and_merged_weight_are_those_of_loralib(String tag) {
        JsonNode attributes = attributes(tag);
        int in = attributes.get("in").asInt();
        int out = attributes.get("out").asInt();
        WeightOrder order = attributes.get("fan_in_fan_out").asBoolean() ? WeightOrder.IN_OUT : WeightOrder.OUT_IN;
        Columns columns = columns(attributes);
        WeightStore store =
                new WeightStore(backend, (_, path, _, _) -> tensor(tag + "/" + path.substring(2)), DType.F64);
        StoredAdapter stored = new StoredAdapter(
                LoraConfig.of(attributes.get("r").asInt(), attributes.get("alpha").asDouble(), "x" + columns),
                StoredAdapter.About.nothing(),
                new TreeMap<>(Map.of("x", new StoredDelta(
                        TENSORS.get(tag + "/lora_A"), TENSORS.get(tag + "/lora_B"), columns, out))),
                new TreeMap<>(), List.of());
        LoraAdapter adapter = LoraAdapter.trainable("default", stored, store);
        AdaptedModel<Projection> model = AdaptedModel.build(store, List.of(adapter), (weights, projections) ->
                projections.create(weights.at("x"), in, out, order, Initializer.zeros()));
        check(model, adapter, tag, in, out);
        check(tag + "/merged_weight",
                Merge.of(model, store, MergeOptions.defaults()).weights().get("x.weight").value());
    }

    private void check(AdaptedModel<Projection> model, LoraAdapter adapter, String tag, int in, int out) {
        Tensor input = tensor(tag + "/x").reshape(Shape.of(10, in));
        Trainable x = Trainable.of(backend, "x", input);
        try (Tape tape = Tape.training(pool, null)) {
            var y = model.model().forward(tape, x);
            check(tag + "/y", y.value());
            tape.backward(y, tensor(tag + "/grad_y").reshape(Shape.of(10, out)));
        }
        check(tag + "/grad/lora_A", adapter.trainables().get(0).grad());
        check(tag + "/grad/lora_B", adapter.trainables().get(1).grad());
        check(tag + "/grad/x", x.grad());
    }

    @ParameterizedTest
    @MethodSource("embeddings")
    void embeddings_are_those_of_loralib_with_and_without_a_padding_index(String tag) {
        JsonNode attributes = attributes(tag);
        Trainable a = Trainable.of(backend, "a", tensor(tag + "/lora_A"));
        Trainable b = Trainable.of(backend, "b", tensor(tag + "/lora_B"));
        int padding = attributes.get("padding_idx").asInt(-1);
        EmbeddingDelta embedding = new EmbeddingDelta(
                new Frozen("w", tensor(tag + "/weight")), a, b, attributes.get("scaling").asDouble(), padding);
        try (Tape tape = Tape.training(pool, null)) {
            var y = embedding.forward(tape, ids(TENSORS.get(tag + "/x")));
            check(tag + "/y", y.value());
            tape.backward(y, tensor(tag + "/grad_y").reshape(y.shape()));
        }
        check(tag + "/grad/lora_A", a.grad());
        check(tag + "/grad/lora_B", b.grad());
        assertThat(padding >= 0).isEqualTo(tag.equals("embedding1"));
    }

    private static int[] ids(StoredTensor tensor) {
        int[] ids = new int[(int) tensor.shape().size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) tensor.bytes().getAtIndex(ValueLayout.JAVA_LONG, i);
        }
        return ids;
    }
}
