package dev.lorikeet.models.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.method.ContinuedLora;
import dev.lorikeet.models.method.HeadOnly;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.models.method.Method;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.UnaryFunction;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FineTuningTest {
    private static final Gpt2Config TINY = new Gpt2Config(
            257, 64, 16, 2, 2, 64, UnaryFunction.GELU_TANH, 1e-5, 0.05, 0.1, 0.1, 0.1, true, false, true, 256);
    private static final int STEPS = 8;

    @TempDir
    private Path directory;

    private Backend backend;
    private Pool pool;
    private BaseModel base;
    private LanguageData data;

    /// The process dies here, as far as the run can tell.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void write_a_tiny_model_and_some_lines() throws IOException {
        backend = Backends.open("cpu:1");
        pool = new Pool(backend);
        base = tiny(directory.resolve("base"));
        data = LanguageData.jsonLines(lines("train", 20), lines("valid", 5));
    }

    @AfterEach
    void close() {
        base.close();
        pool.close();
        backend.close();
    }

    private BaseModel tiny(Path at) throws IOException {
        Files.createDirectory(at);
        Files.writeString(at.resolve("config.json"), TINY.toJson().toString());
        Files.writeString(at.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"LorikeetByteTokenizer\"}");
        try (Backend scalar = Backends.open("scalar")) {
            WeightStore store = new WeightStore(scalar, WeightSource.random(1), DType.F32);
            new Gpt2(TINY, Weights.of(store, WeightOverrides.none()), Projections.plain());
            List<TensorSource> tensors = new ArrayList<>();
            for (Frozen weight : store.all()) {
                tensors.add(TensorSource.of(weight.name(), weight.value(), scalar));
            }
            SafetensorsWriter.write(at.resolve("model.safetensors"), tensors, SafetensorsWriter.PT);
        }
        return BaseModel.open(backend, at);
    }

    private Path lines(String name, int count) throws IOException {
        return Files.write(directory.resolve(name + ".jsonl"), IntStream.range(0, count)
                .mapToObj(i -> "{\"prompt\": \"%s %d\", \"completion\": \"%s\"}".formatted(
                        name, i, "ab".repeat(i % 4 + 1)))
                .toList());
    }

    private static TrainingPlanBuilder plan() {
        return TrainingPlan.builder().steps(STEPS).batch(4).lr(1e-2).warmup(1).evalEvery(3).saveEvery(3);
    }

    private FineTuning<LanguageModel, TokenBatch> tuning(Path output) {
        return FineTuning.of(data, Lora.of(2, 4, "c_attn[q,v]"), plan().build(), output).withModelDropout(0.1);
    }

    /// Writes down what it is told.
    private static final class Notes implements FineTuningListener {
        private final List<String> notes = new ArrayList<>();

        @Override
        public void onExamples(BaseModel of, Backend on, TaskExamples<?, ?> examples) {
            notes.add("examples " + examples.size());
        }

        @Override
        public void onStart(FineTuningRun<?, ?> run) {
            notes.add("start %d after %d".formatted(run.seed(), run.made()));
        }

        @Override
        public void onEvaluation(long step, Evaluation evaluation, boolean best) {
            notes.add("evaluation " + step);
        }

        @Override
        public void onSaved(long step) {
            notes.add("saved " + step);
        }

        @Override
        public void onEnd(FineTuningResult result) {
            notes.add("end " + result.seed());
        }
    }

    @Test
    void every_seed_has_its_run_and_listeners_hear_of_all_of_it_in_order() throws IOException {
        Path output = directory.resolve("runs");
        Notes heard = new Notes();
        List<FineTuningResult> results = tuning(output).with(Seeds.each(List.of(5L, 3L))).run(base, pool, heard);
        List<String> run = List.of("evaluation 3", "saved 3", "evaluation 6", "saved 6", "evaluation 8", "saved 8");
        List<String> expected = new ArrayList<>(List.of("examples 20", "start 5 after 0"));
        expected.addAll(run);
        expected.addAll(List.of("end 5", "start 3 after 0"));
        expected.addAll(run);
        expected.add("end 3");
        assertThat(heard.notes).isEqualTo(expected);
        assertThat(results).extracting(FineTuningResult::written)
                .containsExactly(output.resolve("seed-5/adapter"), output.resolve("seed-3/adapter"));
        assertThat(adapter(results.get(0).directory())).isNotEqualTo(adapter(results.get(1).directory()));
        assertThat(results.get(0).best().step()).isEqualTo(results.get(0).state().bestStep());

        Path again = directory.resolve("again");
        tuning(again).with(Seeds.one(3)).run(base, pool, new Notes());
        assertThat(adapter(again)).isEqualTo(adapter(results.get(1).directory()));
    }

    private static byte[] adapter(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void a_killed_run_is_resumed_to_the_same_bytes() throws IOException {
        Path whole = directory.resolve("whole");
        tuning(whole).run(base, pool, new Notes());
        Path killed = directory.resolve("killed");
        assertThatThrownBy(() -> tuning(killed).run(base, pool, new FineTuningListener() {
            @Override
            public void onStep(StepResult result) {
                if (result.step() == 5) {
                    throw new Killed();
                }
            }
        })).isInstanceOf(Killed.class);

        Notes heard = new Notes();
        tuning(killed).resumed().run(base, pool, heard);

        assertThat(heard.notes).contains("start 1 after 3");
        for (String file : List.of("adapter/adapter_model.safetensors", TrainingRun.STATE_FILE)) {
            assertThat(killed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    static Stream<UnaryOperator<FineTuning<LanguageModel, TokenBatch>>> other_choices() {
        return Stream.of(
                of -> with(of, of.method(), plan().lr(2e-2)),
                of -> with(of, of.method(), plan().steps(STEPS + 1)),
                of -> with(of, of.method(), plan().batch(5)),
                of -> with(of, of.method(), plan().accumulate(2)),
                of -> with(of, of.method(), plan().warmup(2)),
                of -> with(of, of.method(), plan().shape(TrainingPlan.Shape.COSINE)),
                of -> with(of, of.method(), plan().weightDecay(0.5)),
                of -> with(of, of.method(), plan().decays(TrainingPlan.Decays.MATRICES)),
                of -> with(of, of.method(), plan().clip(0)),
                of -> with(of, of.method(), plan().smoothing(0.1)),
                of -> with(of, of.method(), plan().groupByLength(true)),
                of -> with(of, of.method(), plan().tokensAtOnce(9)),
                of -> with(of, Lora.of(3, 4, "c_attn[q,v]"), plan()),
                of -> with(of, Lora.of(2, 4, "c_attn[q,k]"), plan()),
                of -> with(of, new Lora(LoraConfig.of(2, 4, "c_attn[q,v]"), 2), plan()),
                of -> of.withModelDropout(0.2),
                of -> of.with(Seeds.one(2)));
    }

    private static <M, B extends Batch<B>> FineTuning<M, B> with(
            FineTuning<M, B> of, Method method, TrainingPlanBuilder plan) {
        return new FineTuning<>(of.data(), method, plan.build(), of.modelDropout(), of.seeds(), of.output(),
                of.baseName(), of.resume());
    }

    @ParameterizedTest
    @MethodSource("other_choices")
    void a_run_is_not_resumed_with_other_choices(UnaryOperator<FineTuning<LanguageModel, TokenBatch>> other) {
        Path output = directory.resolve("run");
        tuning(output).run(base, pool, new Notes());
        assertThatThrownBy(() -> other.apply(tuning(output).resumed()).run(base, pool, new Notes()))
                .isInstanceOf(FormatException.class).hasMessageContaining(TrainingRun.STATE_FILE);
    }

    @Test
    void how_often_a_checkpoint_is_written_and_what_is_recomputed_may_change() {
        Path output = directory.resolve("run");
        tuning(output).run(base, pool, new Notes());
        Notes heard = new Notes();
        with(tuning(output).resumed(), tuning(output).method(), plan().saveEvery(1).recompute(true))
                .run(base, pool, heard);
        assertThat(heard.notes).containsExactly("examples 20", "start 1 after 8", "end 1");
    }

    @Test
    void training_goes_on_from_an_adapter_that_was_written_before() {
        FineTuningResult first = tuning(directory.resolve("first")).run(base, pool, new Notes()).getFirst();
        try (FineTuningRun<LanguageModel, TokenBatch> run = FineTuning.of(data, new ContinuedLora(first.written(), 1),
                plan().build(), directory.resolve("second")).open(base, pool)) {
            double kept = first.best().figures().get("loss");
            assertThat(((LanguageEvaluation) run.evaluate().orElseThrow()).loss())
                    .isCloseTo(kept, within(1e-5));
            run.run();
            assertThat(run.evaluate()).isPresent();
        }
    }

    @Test
    void what_cannot_be_is_refused_before_anything_is_written() {
        Path output = directory.resolve("run");
        assertThatThrownBy(() -> FineTuning.of(data, new HeadOnly(), plan().build(), output)
                .run(base, pool, new Notes())).hasMessageContaining("no head of its own");
        assertThatThrownBy(() -> FineTuning.of(LanguageData.jsonLines(null, null), Lora.of(2, 4, "c_attn"),
                plan().build(), output).run(base, pool, new Notes()))
                .isInstanceOf(ChoiceException.class).hasMessageContaining("jsonl reads a file");
        assertThatThrownBy(() -> tuning(output).withModelDropout(1)).hasMessageContaining("modelDropout must be");
        assertThatThrownBy(() -> plan().accumulate(0).build()).hasMessageContaining("accumulate must be");
        assertThatThrownBy(() -> Seeds.each(List.of(1L, 1L))).hasMessageContaining("[1, 1]");
        assertThat(output).doesNotExist();
        tuning(output).run(base, pool, new Notes());
        assertThatThrownBy(() -> tuning(output).run(base, pool, new Notes())).hasMessageContaining("holds a run");
    }
}
