package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.Columns;
import dev.lorikeet.lora.EmbeddingDelta;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraLinear;
import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.verify.golden.CaseException;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Numbers;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Linear;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Kind `loralib-layers`: single `Linear`, `MergedLinear` and `Embedding` layers of loralib: forward, gradients, merged
/// and unmerged weight.
final class LoralibLayersCase implements CaseKind {
    private static final String LAYER = "layer";

    @Override
    public void replay(GoldenCase golden, Pool pool) {
        for (JsonNode node : golden.manifest().require("cases")) {
            String op = node.path("op").asText();
            String tag = node.path("tag").asText() + "/";
            golden.checkNumbers(
                    tag + "scaling", new double[] {node.path("scaling").doubleValue()},
                    new double[] {scale(node)}, 1e-12);
            switch (op) {
                case "Linear", "MergedLinear" -> linear(golden, pool, tag, node);
                case "Embedding" -> embedding(golden, pool, tag, node);
                default -> golden.notChecked(tag, "there is no layer '%s'".formatted(op));
            }
        }
    }

    private static double scale(JsonNode node) {
        return node.path("alpha").doubleValue() / node.path("r").intValue();
    }

    private static void linear(GoldenCase golden, Pool pool, String tag, JsonNode node) {
        Backend backend = pool.backend();
        WeightStore store = new WeightStore(backend, source(golden, tag), DType.F32);
        WeightOrder order = node.path("fan_in_fan_out").asBoolean() ? WeightOrder.IN_OUT : WeightOrder.OUT_IN;
        int in = node.path("in").intValue();
        int out = node.path("out").intValue();
        try (LoraAdapter adapter = LoraAdapter.trainable("default", stored(golden, tag, node), store)) {
            AdaptedModel<Projection> adapted = AdaptedModel.build(store, List.of(adapter), (weights, projections) ->
                    projections.create(weights.at(LAYER), in, out, order, Initializer.zeros()));
            gradients(golden, pool, tag, adapted, layer(store, in, out, order));
            try (MergedWeights merged = Merge.of(adapted, store, MergeOptions.defaults())) {
                Tensor weight = merged.weights().get(LAYER + ".weight").value();
                golden.check(tag + "merged_weight", "", weight.shape(), HostValues.doubles(backend, weight));
                forward(golden, pool, tag + "y_merged", tag, new Linear(
                        Weights.of(store, merged).at(LAYER), in, out, order, Initializer.zeros()));
            }
            Tensor base = store.get(LAYER + ".weight", weightShape(in, out, order), Initializer.zeros()).value();
            golden.check(tag + "unmerged_weight", HostValues.doubles(backend, base));
        }
        store.all().forEach(weight -> backend.free(weight.value().storage()));
    }

    private static Shape weightShape(int in, int out, WeightOrder order) {
        return order == WeightOrder.IN_OUT ? Shape.of(in, out) : Shape.of(out, in);
    }

    /// The base with a bias that trains, as it does in loralib.
    private static Linear layer(WeightStore store, int in, int out, WeightOrder order) {
        WeightOverrides bias = wanted -> wanted.path().endsWith(".bias")
                ? Optional.of(Trainable.of(store.backend(), wanted.path(), wanted.base().get().value()))
                : Optional.empty();
        return new Linear(Weights.of(store, bias).at(LAYER), in, out, order, Initializer.zeros());
    }

    private static void gradients(
            GoldenCase golden, Pool pool, String tag, AdaptedModel<Projection> adapted, Linear base) {
        LoraLinear layer = new LoraLinear(LAYER, base, adapted.projections().adapted().get(LAYER).deltas());
        Golden x = golden.input(tag + "x");
        Backend backend = pool.backend();
        Trainable input = Trainable.of(backend, "x", Numbers.upload(backend, x.shape(), x.values()));
        try (Tape tape = Tape.training(pool, null)) {
            Activation y = layer.forward(tape, input);
            golden.check(tag + "y", "", y.shape(), HostValues.doubles(backend, y.value()));
            backward(golden, backend, tape, tag, y);
        }
        Map<String, Weight> weights = Map.of(
                "lora_A", layer.deltas().getFirst().a(), "lora_B", layer.deltas().getFirst().b(),
                "bias", base.bias(), "x", input);
        weights.forEach((name, weight) -> golden.check(
                tag + "grad/" + name, HostValues.doubles(backend, ((Trainable) weight).grad())));
        backend.free(input.value().storage());
        backend.free(input.grad().storage());
        backend.free(((Trainable) base.bias()).grad().storage());
    }

    private static void backward(GoldenCase golden, Backend backend, Tape tape, String tag, Activation y) {
        Tensor dy = tape.allocate(DType.F32, y.shape());
        Numbers.upload(backend, dy, golden.input(tag + "grad_y").values());
        tape.backward(y, dy);
    }

    private static void forward(GoldenCase golden, Pool pool, String tensor, String tag, Projection layer) {
        Golden x = golden.input(tag + "x");
        try (Tape tape = Tape.inference(pool)) {
            Tensor input = tape.allocate(DType.F32, x.shape());
            Numbers.upload(pool.backend(), input, x.values());
            golden.check(tensor, HostValues.doubles(
                    pool.backend(), layer.forward(tape, tape.constant(input)).value()));
        }
    }

    /// `layer.weight` and `layer.bias` from the case.
    private static WeightSource source(GoldenCase golden, String tag) {
        return (backend, path, shape, _) -> {
            Golden stored = golden.input(tag + path.substring(LAYER.length() + 1));
            if (!stored.shape().equals(shape)) {
                throw new CaseException(golden.manifest().file(), "'%s' is %s".formatted(
                        stored.entry().name(), stored.shape()), "its attributes say " + shape);
            }
            return Numbers.upload(backend, shape, stored.values());
        };
    }

    /// The adapter that the layer's A and B are, with a slice for each enabled block.
    private static StoredAdapter stored(GoldenCase golden, String tag, JsonNode node) {
        int out = node.path("out").intValue();
        JsonNode enabled = node.path("enable_lora");
        List<String> slices = new ArrayList<>();
        for (int i = 0; i < enabled.size(); i++) {
            int width = out / enabled.size();
            if (enabled.get(i).booleanValue()) {
                slices.add(i * width + ":" + (i + 1) * width);
            }
        }
        Columns columns = slices.isEmpty() ? Columns.all() : new Columns(slices);
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        deltas.put(LAYER, new StoredDelta(
                stored(golden.input(tag + "lora_A")), stored(golden.input(tag + "lora_B")), columns, out));
        return new StoredAdapter(
                LoraConfig.of(node.path("r").intValue(), node.path("alpha").doubleValue(), LAYER + columns),
                StoredAdapter.About.nothing(), deltas, new TreeMap<>(), List.of());
    }

    private static StoredTensor stored(Golden golden) {
        float[] floats = new float[golden.values().length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) golden.values()[i];
        }
        return StoredTensor.copyOf(DType.F32, golden.shape(), MemorySegment.ofArray(floats));
    }

    private static void embedding(GoldenCase golden, Pool pool, String tag, JsonNode node) {
        Backend backend = pool.backend();
        Frozen table = new Frozen("weight", upload(golden, backend, tag + "weight"));
        Trainable a = Trainable.of(backend, "lora_A", upload(golden, backend, tag + "lora_A"));
        Trainable b = Trainable.of(backend, "lora_B", upload(golden, backend, tag + "lora_B"));
        int[] ids = golden.input(tag + "x").ints();
        JsonNode padding = node.path("padding_idx");
        EmbeddingDelta layer = new EmbeddingDelta(table, a, b, scale(node), padding.isInt() ? padding.intValue() : -1);
        try (Tape tape = Tape.training(pool, null)) {
            Activation y = layer.forward(tape, ids);
            golden.check(tag + "y", HostValues.doubles(backend, y.value()));
            backward(golden, backend, tape, tag, y);
            golden.check(tag + "grad/lora_A", HostValues.doubles(backend, a.grad()));
            golden.check(tag + "grad/lora_B", HostValues.doubles(backend, b.grad()));
        }
        try (Tape tape = Tape.inference(pool)) {
            Tensor merged = layer.merged(tape);
            golden.check(tag + "merged_weight", HostValues.doubles(backend, merged));
            Activation y = EmbeddingSum.apply(tape, tape.constant(merged), tape.ints(ids));
            golden.check(tag + "y_merged", HostValues.doubles(backend, y.value()));
            golden.check(tag + "unmerged_weight", HostValues.doubles(backend, table.value()));
        }
        List.of(table.value(), a.value(), a.grad(), b.value(), b.grad())
                .forEach(tensor -> backend.free(tensor.storage()));
    }

    private static Tensor upload(GoldenCase golden, Backend backend, String tensor) {
        Golden stored = golden.input(tensor);
        return Numbers.upload(backend, stored.shape(), stored.values());
    }
}
