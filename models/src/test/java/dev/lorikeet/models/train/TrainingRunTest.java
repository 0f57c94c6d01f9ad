package dev.lorikeet.models.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.UnaryFunction;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
    private static final Gpt2Config TINY = new Gpt2Config(
            31, 16, 24, 2, 2, 48, UnaryFunction.GELU_TANH, 1e-5, 0.3, 0.1, 0.1, 0.1, true, false, true, -1);
    private static final long STEPS = 9;

    /// The process dies here, as far as the run can tell.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path directory;

    private Backend backend;
    private Pool pool;

    @BeforeEach
    void open() {
        backend = Backends.open("cpu");
        pool = new Pool(backend);
    }

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    @Test
    void a_killed_and_resumed_run_ends_bit_identical_to_an_uninterrupted_one() throws IOException {
        Path whole = directory.resolve("whole");
        TrainingState expected = run(whole, 1e-2, false, null, "same");

        Path broken = directory.resolve("broken");
        assertThatThrownBy(() -> run(broken, 1e-2, false, dieAfter(5), "same")).isInstanceOf(Killed.class);
        TrainingState resumed = run(broken, 1e-2, true, null, "same");

        assertThat(resumed).isEqualTo(expected);
        assertThat(Files.readAllBytes(broken.resolve(TrainingRun.STATE_FILE)))
                .isEqualTo(Files.readAllBytes(whole.resolve(TrainingRun.STATE_FILE)));
        assertThat(losses(broken)).hasSize((int) STEPS).isEqualTo(losses(whole));
    }

    @Test
    void a_run_is_not_resumed_with_other_settings() {
        run(directory, 1e-2, false, null, "first");
        assertThatThrownBy(() -> run(directory, 1e-2, true, null, "second"))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(TrainingRun.STATE_FILE)
                .hasMessageContaining("first")
                .hasMessageContaining("second");
    }

    @Test
    void a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint() throws IOException {
        assertThatThrownBy(() -> run(directory, 1e20, false, null, "wild"))
                .isInstanceOf(NonFiniteLossException.class)
                .hasMessageContaining("step")
                .hasMessageContaining("learning rate");
        Path state = directory.resolve(TrainingRun.STATE_FILE);
        if (Files.exists(state)) {
            assertThat(TrainingState.read(state, backend, optimizer(model()), "wild").step()).isLessThan(STEPS);
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("tmp"));
        }
    }

    private static TrainingListener dieAfter(long step) {
        return new TrainingListener() {
            @Override
            public void onStep(StepResult result) {
                if (result.step() == step) {
                    throw new Killed();
                }
            }
        };
    }

    private AdaptedModel<Gpt2> model() {
        WeightStore store = new WeightStore(backend, WeightSource.random(3), DType.F32);
        LoraConfig config = LoraConfig.builder()
                .rank(2)
                .alpha(6)
                .dropout(0.2)
                .targets(Targets.parse("c_attn[q,v],c_fc"))
                .build();
        return AdaptedModel.build(
                store, List.of(LoraAdapter.fresh(config, store, 4)), (weights, p) -> new Gpt2(TINY, weights, p));
    }

    private AdamW optimizer(AdaptedModel<Gpt2> model) {
        return new AdamW(
                backend, List.of(new ParameterGroup(model.trainables(), 0.01)), AdamWConfig.defaults());
    }

    private TrainingState run(Path out, double lr, boolean resume, TrainingListener listener, String fingerprint) {
        AdaptedModel<Gpt2> model = model();
        TrainingSettings settings =
                new TrainingSettings(STEPS, lr, Schedule.linear(1, STEPS + 1), 0, 0.1, 8, 4, 3);
        TrainingData<TokenBatch> data = step -> List.of(song((int) step), song((int) step + 7));
        Trainer<TokenBatch> trainer = new Trainer<>(
                Objective.tokens(model.model()), pool, optimizer(model), data, settings);
        Evaluator evaluator = new HeldOutLoss(pool, new HeldOut(List.of(song(99)), 10), model.model());
        TrainingRun run = new TrainingRun(trainer, evaluator, out, fingerprint, () -> {});
        long from = resume ? run.resume() : 0;
        List<TrainingListener> listeners = new ArrayList<>(List.of(new MetricsLog(out, from)));
        if (listener != null) {
            listeners.add(listener);
        }
        return run.run(listeners);
    }

    private static TokenBatch song(int seed) {
        int[] a = new int[5 + seed % 7];
        int[] b = new int[9];
        for (int i = 0; i < a.length; i++) {
            a[i] = (seed * 5 + i * i) % 31;
        }
        for (int i = 0; i < b.length; i++) {
            b[i] = (seed + 3 * i) % 31;
        }
        return TokenBatch.of(List.of(a, b));
    }

    /// The loss column of the log: durations differ from run to run.
    private static List<String> losses(Path out) throws IOException {
        return Files.readAllLines(out.resolve("metrics.csv")).stream()
                .skip(1)
                .map(line -> line.split(",")[0] + " " + line.split(",")[1])
                .toList();
    }
}
