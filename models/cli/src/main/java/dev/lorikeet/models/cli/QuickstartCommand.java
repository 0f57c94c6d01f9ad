package dev.lorikeet.models.cli;

import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.base.EmbeddedBase;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.models.train.FineTuning;
import dev.lorikeet.models.train.FineTuningRun;
import dev.lorikeet.models.train.LanguageData;
import dev.lorikeet.models.train.Seeds;
import dev.lorikeet.models.train.TrainingPlan;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `lorikeet quickstart`: the whole story on one screen, offline, in about two minutes.
@Command(
        name = "quickstart",
        description = "Adapt the embedded base model to a small data-to-text task with LoRA and show what has changed.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  lorikeet quickstart --out my-first-adapter"})
final class QuickstartCommand implements Callable<Integer> {
    private static final int BATCH = 16;

    @Spec
    private CommandSpec spec;

    @Option(names = "--out", defaultValue = "quickstart-run", paramLabel = "DIR",
            description = "Where adapter and log go; replaced if it is there. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(names = "--steps", defaultValue = "240", description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws IOException {
        Files.deleteIfExists(out.resolve(TrainingRun.STATE_FILE));
        TrainingPlan plan = TrainingPlan.builder()
                .steps(steps).batch(BATCH).tokensAtOnce(Integer.MAX_VALUE).lr(4e-3).warmup(Math.min(10, steps / 2))
                .weightDecay(0).evalEvery(0).saveEvery(0)
                .build();
        FineTuning<LanguageModel, TokenBatch> tuning = FineTuning.of(
                LanguageData.restaurants(), Lora.of(2, 16, "c_attn,attn.c_proj,c_fc"), plan, out)
                .with(Seeds.one(seed));
        try (Backend backend = device.open();
                Pool pool = new Pool(backend);
                BaseModel base = BaseModel.open(backend, EmbeddedBase.directory());
                FineTuningRun<LanguageModel, TokenBatch> run = tuning.open(base, pool)) {
            return new QuickstartStory(run, pool, spec.commandLine().getOut()).tell() ? 0 : 1;
        }
    }
}
