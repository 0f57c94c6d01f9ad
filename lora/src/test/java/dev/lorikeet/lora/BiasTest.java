package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.AtomicFile;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trained biases: the base's, and those of B.
class BiasTest {
    private Backend backend;
    private Pool pool;
    private WeightStore store;
    private Tensor x;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() {
        backend = Backends.open("scalar");
        pool = new Pool(backend);
        store = new WeightStore(backend, WeightSource.random(11), DType.F64);
        x = Numbers.random(backend, DType.F64, Shape.of(7, TinyModel.WIDTH), 3);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    private AdaptedModel<TinyModel> adapted(LoraAdapter adapter) {
        return AdaptedModel.build(store, List.of(adapter), TinyModel::new);
    }

    private LoraAdapter fresh(LoraConfigBuilder config) {
        return LoraAdapter.fresh(config.build(), store, 1);
    }

    private static LoraConfigBuilder config() {
        return LoraConfig.of(2, 5, "c_attn").toBuilder();
    }

    private double[] run(TinyModel model) {
        try (Tape tape = Tape.inference(pool)) {
            return Numbers.of(backend, model.forward(tape, tape.constant(x)).value());
        }
    }

    private void train(LoraAdapter adapter) {
        adapter.trainables().forEach(weight -> Numbers.fill(backend, weight, weight.name().hashCode()));
    }

    @Test
    void each_mode_trains_its_biases() {
        LoraAdapter only = fresh(config().bias(BiasMode.LORA_ONLY));
        adapted(only);
        assertThat(only.saved()).containsOnlyKeys(
                "transformer.h.0.attn.c_attn.bias", "transformer.h.1.attn.c_attn.bias");
        LoraAdapter all = fresh(config().bias(BiasMode.ALL));
        adapted(all);
        assertThat(all.saved()).containsOnlyKeys(
                "transformer.h.0.attn.c_attn.bias", "transformer.h.0.mlp.c_proj.bias",
                "transformer.h.1.attn.c_attn.bias", "transformer.h.1.mlp.c_proj.bias", "transformer.ln_f.bias");
        LoraAdapter none = fresh(config());
        adapted(none);
        assertThat(none.saved()).isEmpty();
    }

    @Test
    void an_excluded_projection_has_neither_an_update_nor_a_trained_bias() {
        LoraAdapter adapter = fresh(config()
                .targets(new Targets.AllLinear()).exclude(Targets.parse("c_proj")).bias(BiasMode.LORA_ONLY));
        adapted(adapter);
        assertThat(adapter.deltas()).extracting(LoraDelta::path)
                .containsExactly("transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn");
        assertThat(adapter.saved().keySet()).allMatch(path -> path.contains("c_attn"));
    }

    @Test
    void every_trained_bias_is_in_the_file_under_the_name_that_peft_gives_it() throws IOException {
        for (BiasMode mode : List.of(BiasMode.LORA_ONLY, BiasMode.ALL)) {
            LoraAdapter adapter = fresh(config().bias(mode));
            TinyModel model = adapted(adapter).model();
            train(adapter);
            Path file = directory.resolve(mode.name());
            PeftFormat.write(file, adapter.snapshot());

            StoredAdapter read = PeftFormat.read(file);
            assertThat(read.config()).isEqualTo(adapter.config());
            assertThat(read.saved().keySet()).isEqualTo(adapter.saved().keySet());
            assertThat(PeftFormat.trainables(adapter))
                    .containsKey("base_model.model.transformer.h.0.attn.c_attn.base_layer.bias");
            assertThat(run(adapted(LoraAdapter.frozen("default", read, store)).model())).containsExactly(run(model));
        }
    }

    @Test
    void a_file_of_peft_without_the_biases_means_the_bases_own_and_can_be_trained_on() {
        LoraAdapter adapter = fresh(config().bias(BiasMode.LORA_ONLY));
        adapted(adapter);
        train(adapter);
        StoredAdapter complete = adapter.snapshot();
        StoredAdapter file = new StoredAdapter(
                complete.config(), complete.about(), complete.deltas(), new TreeMap<>(), List.of());

        LoraAdapter frozen = LoraAdapter.frozen("default", file, store);
        double[] expected = run(adapted(frozen).model());
        assertThat(frozen.saved()).isEmpty();
        LoraAdapter trainable = LoraAdapter.trainable("default", file, store);
        assertThat(run(adapted(trainable).model())).containsExactly(expected);
        assertThat(trainable.saved()).containsOnlyKeys(
                "transformer.h.0.attn.c_attn.bias", "transformer.h.1.attn.c_attn.bias");
        assertThat(trainable.saved().values()).allMatch(Trainable.class::isInstance);
    }

    @Test
    void a_bias_that_is_in_the_file_twice_is_read_once_and_any_other_is_refused() {
        LoraAdapter adapter = fresh(config().bias(BiasMode.ALL));
        double[] expected = run(adapted(adapter).model());
        StoredAdapter stored = adapter.snapshot();
        TreeMap<String, StoredTensor> saved = new TreeMap<>(stored.saved());
        saved.put("transformer.ln_f.decoder.bias", saved.get("transformer.ln_f.bias"));
        LoraAdapter twice = LoraAdapter.frozen("default", with(stored, saved), store);
        assertThat(run(withSecondName(twice).model())).containsExactly(expected);
        assertThat(twice.saved()).doesNotContainKey("transformer.ln_f.decoder.bias");
        assertThat(twice.snapshot().saved()).containsOnlyKeys(saved.keySet());
        assertThatThrownBy(() -> adapted(LoraAdapter.frozen("default", with(stored, saved), store)))
                .as("a model whose bias has one name").isInstanceOf(AdapterMismatch.class)
                .hasMessageContaining("ln_f.decoder.bias");

        saved.put("transformer.ln_f.decoder.bias", Numbers.randomStored(backend, Shape.of(TinyModel.WIDTH), 5));
        assertThatThrownBy(() -> withSecondName(LoraAdapter.frozen("default", with(stored, saved), store)))
                .isInstanceOf(AdapterMismatch.class)
                .hasMessageContaining(
                        "other numbers for 'transformer.ln_f.decoder.bias' than for 'transformer.ln_f.bias'");
    }

    private AdaptedModel<TinyModel> withSecondName(LoraAdapter adapter) {
        return AdaptedModel.build(store, List.of(adapter), (weights, projections) -> {
            weights.at("transformer.ln_f").repeats("decoder.bias", "bias");
            return new TinyModel(weights, projections);
        });
    }

    private static StoredAdapter with(StoredAdapter adapter, TreeMap<String, StoredTensor> saved) {
        return new StoredAdapter(adapter.config(), adapter.about(), adapter.deltas(), saved, List.of());
    }

    @Test
    void a_bias_that_the_configuration_does_not_know_is_refused() throws IOException {
        LoraAdapter adapter = fresh(config().bias(BiasMode.LORA_ONLY));
        adapted(adapter);
        PeftFormat.write(directory, adapter.snapshot());
        Path json = directory.resolve(PeftFormat.CONFIG);
        AtomicFile.write(json, Files.readString(json).replace("\"lora_only\"", "\"none\""));
        assertThatThrownBy(() -> PeftFormat.read(directory))
                .isInstanceOf(FormatException.class).hasMessageContaining("c_attn.bias")
                .hasMessageContaining("\"none\"");
    }

    @Test
    void targets_that_match_other_modules_too_train_no_bias_of_theirs() {
        LoraAdapter adapter = fresh(config().targets(Targets.parse("regex:.*(c_attn|ln_f)")).bias(BiasMode.LORA_ONLY));
        adapted(adapter);
        assertThat(adapter.saved().keySet()).isNotEmpty().allMatch(path -> path.contains("c_attn"));
    }

    @Test
    void a_bias_of_b_starts_as_nothing_and_its_gradient_and_merge_are_right() throws IOException {
        LoraAdapter adapter = fresh(config().variant(new OutputBias()).bias(BiasMode.ALL));
        AdaptedModel<TinyModel> model = adapted(adapter);
        TinyModel plain = new TinyModel(Weights.of(store, WeightOverrides.none()), Projections.plain());
        assertThat(run(model.model())).usingComparatorWithPrecision(1e-12).containsExactly(run(plain));
        assertThat(adapter.trainables()).extracting(Trainable::name)
                .contains("transformer.h.0.attn.c_attn.lora_B.bias");

        train(adapter);
        GradCheck.on(backend).check(tape -> model.model().forward(tape, new Frozen("x", x)), adapter.trainables())
                .assertCorrect(1e-6);
        MergedWeights merged = Merge.of(model, store, MergeOptions.defaults());
        assertThat(run(new TinyModel(Weights.of(store, merged), Projections.plain())))
                .usingComparatorWithPrecision(1e-11).containsExactly(run(model.model()));

        PeftFormat.write(directory, adapter.snapshot());
        StoredAdapter read = PeftFormat.read(directory);
        assertThat(read.config()).isEqualTo(adapter.config());
        assertThat(run(adapted(LoraAdapter.frozen("default", read, store)).model()))
                .containsExactly(run(model.model()));
    }
}
