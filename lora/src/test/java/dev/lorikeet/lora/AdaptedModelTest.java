package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdaptedModelTest {
    private Backend backend;
    private Pool pool;
    private List<String> loaded;
    private WeightStore store;
    private Tensor x;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
        loaded = new ArrayList<>();
        store = store();
        x = Numbers.random(backend, DType.F32, Shape.of(7, TinyModel.WIDTH), 3);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    private WeightStore store() {
        WeightSource random = WeightSource.random(11);
        return new WeightStore(backend, (on, path, shape, initializer) -> {
            loaded.add(path);
            return random.load(on, path, shape, initializer);
        }, DType.F32);
    }

    private double[] run(TinyModel model) {
        try (Tape tape = Tape.inference(pool)) {
            return Numbers.of(backend, model.forward(tape, tape.constant(x)).value());
        }
    }

    private TinyModel plain() {
        return new TinyModel(Weights.of(store, WeightOverrides.none()), Projections.plain());
    }

    private AdaptedModel<TinyModel> adapted(LoraAdapter... adapters) {
        return AdaptedModel.build(store, List.of(adapters), TinyModel::new);
    }

    /// An adapter whose B is random, as from a file.
    private StoredAdapter trained(String targets, long seed) {
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(2, 5, targets), store, seed);
        adapted(adapter);
        adapter.deltas().forEach(delta -> Numbers.fill(backend, delta.b(), seed));
        return adapter.snapshot();
    }

    @Test
    void a_fresh_adapter_changes_nothing_and_has_the_expected_weights() {
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_attn[q,v],c_proj"), store, 1);
        AdaptedModel<TinyModel> model = adapted(adapter);

        assertThat(run(model.model())).isEqualTo(run(plain()));
        assertThat(adapter.trainables()).extracting(Trainable::name).startsWith(
                "transformer.h.0.attn.c_attn.lora_A", "transformer.h.0.attn.c_attn.lora_B",
                "transformer.h.0.mlp.c_proj.lora_A", "transformer.h.0.mlp.c_proj.lora_B").hasSize(8);
        assertThat(adapter.trainables().get(0).shape()).isEqualTo(Shape.of(4, 5));
        assertThat(adapter.trainables().get(1).shape()).isEqualTo(Shape.of(6, 2));
        assertThat(adapter.parameterCount()).isEqualTo(2 * (4 * 5 + 6 * 2 + 2 * 9 + 5 * 2));
        double bound = 1 / Math.sqrt(TinyModel.WIDTH);
        for (double a : Numbers.of(backend, adapter.trainables().get(0).value())) {
            assertThat(Math.abs(a)).isBetween(1e-9, bound);
        }
    }

    @Test
    void the_same_seed_gives_the_same_a_whatever_else_is_adapted() {
        LoraAdapter one = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_proj"), store, 1);
        LoraAdapter other = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_attn,c_proj"), store, 1);
        LoraAdapter reseeded = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_proj"), store, 2);
        adapted(one);
        adapted(other);
        adapted(reseeded);
        double[] a = Numbers.of(backend, one.trainables().get(0).value());
        assertThat(Numbers.of(backend, other.trainables().get(2).value())).isEqualTo(a);
        assertThat(Numbers.of(backend, reseeded.trainables().get(0).value())).isNotEqualTo(a);
    }

    @Test
    void adapters_are_switched_over_one_base_without_loading_it_again() {
        StoredAdapter red = trained("c_attn[q,v]", 5);
        StoredAdapter blue = trained("c_attn,c_proj", 6);
        double[] redFresh = run(AdaptedModel.build(
                store(), List.of(LoraAdapter.frozen("red", red, store())), TinyModel::new).model());
        double[] blueFresh = run(AdaptedModel.build(
                store(), List.of(LoraAdapter.frozen("blue", blue, store())), TinyModel::new).model());
        double[] base = run(plain());
        loaded.clear();

        TinyModel withRed = adapted(LoraAdapter.frozen("red", red, store)).model();
        TinyModel withBlue = adapted(LoraAdapter.frozen("blue", blue, store)).model();

        for (int round = 0; round < 2; round++) {
            assertThat(run(withRed)).isEqualTo(redFresh).isNotEqualTo(base);
            assertThat(run(withBlue)).isEqualTo(blueFresh).isNotEqualTo(redFresh);
            assertThat(run(plain())).isEqualTo(base);
        }
        assertThat(loaded).isEmpty();
    }

    @Test
    void several_adapters_are_active_at_once() {
        LoraAdapter red = LoraAdapter.frozen("red", trained("c_attn[q]", 5), store);
        LoraAdapter blue = LoraAdapter.fresh("blue", LoraConfig.of(1, 3, "c_attn,c_proj"), store, 6);
        AdaptedModel<TinyModel> both = adapted(red, blue);

        assertThat(run(both.model())).isEqualTo(run(adapted(red).model()));   // blue's B is still 0
        assertThat(both.projections().adapted().get("transformer.h.0.attn.c_attn").deltas()).hasSize(2);
        assertThat(both.trainables()).isEqualTo(blue.trainables());
        assertThat(blue.trainables().get(0).name()).endsWith("lora_A.blue");
        assertThat(red.trainables()).isEmpty();
        blue.deltas().forEach(delta -> Numbers.fill(backend, delta.b(), 9));
        assertThat(run(both.model())).isNotEqualTo(run(adapted(red).model()));
    }

    @Test
    void gradients_reach_a_and_b_of_a_trainable_adapter_only_and_the_base_keeps_its_bytes() {
        LoraAdapter frozen = LoraAdapter.frozen("frozen", trained("c_attn", 5), store);
        LoraAdapter training = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_attn[q,v]"), store, 7);
        AdaptedModel<TinyModel> model = adapted(frozen, training);
        Map<String, byte[]> before = new TreeMap<>();
        store.all().forEach(weight -> before.put(weight.name(), Numbers.bytes(backend, weight.value())));
        AdamW optimizer = new AdamW(
                backend, List.of(new ParameterGroup(training.trainables(), 0.01)), AdamWConfig.defaults());

        for (int step = 0; step < 2; step++) {
            try (Tape tape = Tape.training(pool, null)) {
                Activation y = model.model().forward(tape, tape.constant(x));
                tape.backward(Sum.apply(tape, y, 1));
            }
            if (step == 1) {
                for (Trainable weight : training.trainables()) {
                    assertThat(backend.kernels().sumOfSquares(weight.grad())).as(weight.name()).isFinite().isPositive();
                }
            }
            optimizer.step(0.01, 1);
        }
        for (Frozen weight : store.all()) {
            assertThat(Numbers.bytes(backend, weight.value())).as(weight.name()).isEqualTo(before.get(weight.name()));
        }
    }

    @Test
    void modules_to_save_are_trainable_copies_and_come_back_from_a_snapshot() {
        LoraConfig config = LoraConfig.of(2, 5, "c_attn").toBuilder().modulesToSave(List.of("lm_head", "ln_f")).build();
        LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
        AdaptedModel<TinyModel> model = adapted(adapter);
        assertThat(adapter.saved()).containsOnlyKeys(
                "lm_head.weight", "transformer.ln_f.weight", "transformer.ln_f.bias");
        assertThat(run(model.model())).isEqualTo(run(plain()));
        double[] base = run(plain());
        adapter.saved().values().forEach(weight -> Numbers.fill(backend, weight, 4));
        assertThat(run(model.model())).isNotEqualTo(base);
        assertThat(run(plain())).isEqualTo(base);

        AdaptedModel<TinyModel> again = adapted(LoraAdapter.frozen("again", adapter.snapshot(), store));

        assertThat(run(again.model())).isEqualTo(run(model.model()));
        assertThat(again.adapters().get(0).saved().values()).allMatch(Frozen.class::isInstance);
        assertThat(adapter.snapshot().about().fanInFanOut()).as("c_attn is stored (in, out)").isTrue();
    }

    @Test
    void two_adapters_cannot_replace_the_same_weight() {
        LoraConfig config = LoraConfig.of(2, 5, "c_attn").toBuilder().modulesToSave(List.of("lm_head")).build();
        assertThatThrownBy(() -> adapted(
                LoraAdapter.fresh("one", config, store, 1), LoraAdapter.fresh("two", config, store, 2)))
                .isInstanceOf(AdapterMismatch.class)
                .hasMessageContaining("'one' and 'two' both replace 'lm_head.weight'");
    }

    @Test
    void saving_refuses_to_lose_what_was_trained() {
        LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(2, 5, "c_attn"), store, 1);
        adapted(adapter);
        Trainable stranger = Trainable.of(backend, "classifier.weight", backend.allocate(DType.F32, Shape.of(2)));
        assertThatThrownBy(() -> adapter.snapshot(StoredAdapter.About.nothing(), List.of(stranger)))
                .hasMessageContaining("without 1 trained weights").hasMessageContaining("classifier.weight");
    }

    @Test
    void a_target_that_matches_nothing_lists_near_matches_and_the_module_tree() {
        assertThatThrownBy(() -> adapted(LoraAdapter.fresh(LoraConfig.of(2, 5, "c_proj,c_atn[q]"), store, 1)))
                .isInstanceOf(AdapterMismatch.class)
                .hasMessageContaining("target 'c_atn[q]' matches no projection")
                .hasMessageContaining("Did you mean transformer.h.*.attn.c_attn")
                .hasMessageContaining("transformer.h.*.mlp.c_proj");
        LoraConfig excluded = LoraConfig.of(2, 5, "c_attn").toBuilder().exclude(Targets.parse("attn.c_attn")).build();
        assertThatThrownBy(() -> adapted(LoraAdapter.fresh(excluded, store, 1)))
                .hasMessageContaining("leave none of them");
        LoraConfig misspelt = LoraConfig.of(2, 5, "c_attn").toBuilder().modulesToSave(List.of("lm_haed")).build();
        assertThatThrownBy(() -> adapted(LoraAdapter.fresh(misspelt, store, 1)))
                .hasMessageContaining("'lm_haed' is not in the model").hasMessageContaining("lm_head.weight");
    }

    @Test
    void a_rank_that_the_matrix_cannot_have_names_the_module() {
        assertThatThrownBy(() -> adapted(LoraAdapter.fresh(LoraConfig.of(6, 5, "c_proj"), store, 1)))
                .hasMessageContaining("rank 6 of 'transformer.h.0.mlp.c_proj'").hasMessageContaining("at most 5");
        assertThatThrownBy(() -> adapted(LoraAdapter.fresh(LoraConfig.of(4, 5, "c_attn[q]"), store, 1)))
                .hasMessageContaining("rank 4 of 'transformer.h.0.attn.c_attn[q]'").hasMessageContaining("at most 3");
    }

    @Test
    void an_adapter_for_another_base_is_refused() {
        StoredAdapter stored = trained("c_attn", 5);
        assertThatThrownBy(() -> AdaptedModel.build(store(), List.of(LoraAdapter.frozen("a", stored, store)),
                (weights, projections) -> new TinyModel(weights, projections, 6, 2)))
                .isInstanceOf(AdapterMismatch.class)
                .hasMessageContaining("made for another base model")
                .hasMessageContaining("transformer.h.0.attn.c_attn.lora_A")
                .hasMessageContaining("(2, 5)").hasMessageContaining("(2, 6)");
        assertThatThrownBy(() -> AdaptedModel.build(store, List.of(LoraAdapter.frozen("a", stored, store)),
                (weights, projections) -> new TinyModel(weights, projections, 5, 3)))
                .hasMessageContaining("2 of its 2 modules found a place")
                .hasMessageContaining("Missing in the adapter: 1 (transformer.h.2.attn.c_attn.lora_A)");
        assertThatThrownBy(() -> AdaptedModel.build(store, List.of(LoraAdapter.frozen("a", stored, store)),
                (weights, projections) -> new TinyModel(weights, projections, 5, 1)))
                .hasMessageContaining("1 of its 2 modules found a place")
                .hasMessageContaining("Not in the model: 1 (transformer.h.1.attn.c_attn)");
    }

    @Test
    void whole_weights_that_are_left_over_missing_or_of_another_shape_are_refused() {
        StoredAdapter stored = trained("c_attn", 5);
        LoraConfig config = stored.config().toBuilder().modulesToSave(List.of("lm_head")).build();
        StoredTensor head = StoredTensor.zeros(DType.F32, Shape.of(TinyModel.OUT, TinyModel.WIDTH));
        assertThatThrownBy(() -> adapted(LoraAdapter.frozen("a", with(stored, config, "lm_haed.weight", head), store)))
                .hasMessageContaining("Missing in the adapter: 1 (lm_head.weight)")
                .hasMessageContaining("Not in the model: 1 (lm_haed.weight). Did you mean lm_head.weight");
        StoredTensor wide = StoredTensor.zeros(DType.F32, Shape.of(7, TinyModel.WIDTH));
        assertThatThrownBy(() -> adapted(LoraAdapter.frozen("a", with(stored, config, "lm_head.weight", wide), store)))
                .hasMessageContaining("'lm_head.weight' has shape (7, 5)").hasMessageContaining("(4, 5)");
        assertThat(adapted(LoraAdapter.frozen("a", with(stored, config, "lm_head.weight", head), store)).adapters())
                .hasSize(1);
    }

    private static StoredAdapter with(StoredAdapter stored, LoraConfig config, String path, StoredTensor whole) {
        return new StoredAdapter(
                config, stored.about(), stored.deltas(), new TreeMap<>(Map.of(path, whole)), List.of());
    }

    @Test
    void an_adapter_that_matches_nothing_or_is_empty_is_an_error() {
        StoredAdapter stored = trained("c_attn", 5);
        TreeMap<String, StoredDelta> renamed = new TreeMap<>();
        stored.deltas().forEach((path, delta) -> renamed.put(path.replace("transformer.h", "model.layers"), delta));
        StoredAdapter other = new StoredAdapter(
                stored.config(), stored.about(), renamed, new TreeMap<>(), List.of());
        assertThatThrownBy(() -> adapted(LoraAdapter.frozen("other", other, store)))
                .hasMessageContaining("0 of its 2 modules found a place")
                .hasMessageContaining("Missing in the adapter: 2");
        StoredAdapter empty = new StoredAdapter(
                LoraConfig.of(2, 5, "elsewhere"), stored.about(), new TreeMap<>(), new TreeMap<>(), List.of());
        assertThatThrownBy(() -> adapted(LoraAdapter.frozen("empty", empty, store)))
                .hasMessageContaining("0 of its 0 modules");
    }

    @Test
    void a_file_of_the_bare_model_fits_the_model_with_a_head() {
        StoredAdapter stored = trained("c_attn", 5);
        TreeMap<String, StoredDelta> bare = new TreeMap<>();
        stored.deltas().forEach((path, delta) -> bare.put(path.substring("transformer.".length()), delta));
        StoredAdapter shorter = new StoredAdapter(stored.config(), stored.about(), bare, new TreeMap<>(), List.of());
        TreeMap<String, StoredDelta> lengthened = new TreeMap<>();
        stored.deltas().forEach((path, delta) -> lengthened.put("wrapper." + path, delta));
        StoredAdapter longer = new StoredAdapter(
                stored.config(), stored.about(), lengthened, new TreeMap<>(), List.of());

        double[] expected = run(adapted(LoraAdapter.frozen("a", stored, store)).model());

        assertThat(run(adapted(LoraAdapter.frozen("a", shorter, store)).model())).isEqualTo(expected);
        assertThat(run(adapted(LoraAdapter.frozen("a", longer, store)).model())).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(LoraInit.class)
    void initialisations_are_those_of_peft(LoraInit init) {
        WeightStore wide = new WeightStore(backend, WeightSource.random(1), DType.F32);
        LoraConfig config = LoraConfig.of(4, 8, "x").toBuilder().init(init).build();
        LoraAdapter adapter = LoraAdapter.fresh(config, wide, 5);
        AdaptedModel.build(wide, List.of(adapter), (weights, projections) ->
                projections.create(weights.at("x"), 400, 300, WeightOrder.OUT_IN, Initializer.zeros()));
        double[] a = Numbers.of(backend, adapter.trainables().get(0).value());
        double[] b = Numbers.of(backend, adapter.trainables().get(1).value());

        double largest = Arrays.stream(a).map(Math::abs).max().orElseThrow();
        double deviation = Math.sqrt(Arrays.stream(a).map(v -> v * v).average().orElseThrow());
        if (init == LoraInit.GAUSSIAN) {
            assertThat(deviation).isCloseTo(0.25, within(0.02));
        } else {
            assertThat(largest).isBetween(0.0499, 0.05);                     // 1/√400
            assertThat(deviation).isCloseTo(0.05 / Math.sqrt(3), within(1e-3));
        }
        double largestB = Arrays.stream(b).map(Math::abs).max().orElseThrow();
        if (init == LoraInit.RANDOM) {
            assertThat(largestB).isBetween(0.49, 0.5);                       // 1/√4
        } else {
            assertThat(largestB).isZero();
        }
    }

    @Test
    void loading_and_closing_adapters_again_and_again_leaves_no_memory_behind() {
        StoredAdapter stored = trained("c_attn[q,v],c_proj", 5);
        AtomicInteger open = new AtomicInteger();
        Backend counting = counting(open);
        WeightStore counted = new WeightStore(counting, WeightSource.random(11), DType.F32);
        new TinyModel(Weights.of(counted, WeightOverrides.none()), Projections.plain());
        int base = open.get();
        for (int cycle = 0; cycle < 5; cycle++) {
            try (LoraAdapter adapter = cycle % 2 == 0
                    ? LoraAdapter.trainable("a", stored, counted) : LoraAdapter.frozen("a", stored, counted)) {
                AdaptedModel<TinyModel> model = AdaptedModel.build(counted, List.of(adapter), TinyModel::new);
                assertThat(open.get()).isGreaterThan(base);
                Merge.of(model, counted, MergeOptions.defaults()).close();
            }
            assertThat(open.get()).isEqualTo(base);
        }
    }

    /// The backend, counting storages that are allocated and not freed.
    private Backend counting(AtomicInteger open) {
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (_, method, arguments) -> {
                    open.addAndGet(switch (method.getName()) {
                        case "allocate" -> 1;
                        case "free" -> -1;
                        default -> 0;
                    });
                    return method.invoke(backend, arguments);
                });
    }

    @Test
    void layers_can_be_chosen() {
        LoraConfig config = LoraConfig.of(2, 5, "c_attn").toBuilder()
                .layers(new LayerSubset(Set.of(1), List.of())).build();
        AdaptedModel<TinyModel> model = adapted(LoraAdapter.fresh(config, store, 1));
        assertThat(model.projections().adapted()).containsOnlyKeys("transformer.h.1.attn.c_attn");
    }
}
