package dev.lorikeet.models.cli;

import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.task.Recipe;
import dev.lorikeet.models.task.Task;
import dev.lorikeet.models.train.FineTuning;
import dev.lorikeet.models.train.FineTuningResult;
import dev.lorikeet.models.train.GlueData;
import dev.lorikeet.models.train.LanguageData;
import dev.lorikeet.models.train.Seeds;
import dev.lorikeet.models.train.TaskData;
import dev.lorikeet.models.train.TrainingPlan;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lorikeet train`: adapts a base model to a task and writes the adapter.
@Command(
        name = "train",
        description = "Adapt a GPT-2 or a RoBERTa to a task with LoRA. Writes DIR/adapter (PEFT format, the best "
                + "evaluation), DIR/metrics.csv, DIR/metrics.jsonl and a checkpoint that --resume continues bit for "
                + "bit.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  lorikeet train --task restaurants --out run --steps 300",
            "  lorikeet train --base gpt2 --task e2e --data e2e/train.txt.gz --valid e2e/valid.txt.gz \\",
            "      --lr 2e-4 --warmup 500 --steps 26000 --lora-dropout 0.1 --label-smoothing 0.1 --out e2e-run",
            "  lorikeet train --task jsonl --data mine.jsonl --out run --resume",
            "  lorikeet train --task restaurants --out dora --targets c_attn,c_proj --dora --rslora --rank 8",
            "  lorikeet train --task restaurants --out plus --targets all-linear --exclude c_fc --bias lora_only \\",
            "      --init pissa --lora-plus-ratio 16",
            "  lorikeet train --base roberta-base --recipe paper/roberta-base/sst-2 --data glue_data --out sst-2",
            "  lorikeet train --base roberta-base --recipe paper/roberta-base/mrpc --data glue_data \\",
            "      --init-adapter mnli/adapter --seeds 1,2,3,4,5 --out mrpc"
        })
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--task", paramLabel = "NAME", converter = TaskOption.class,
            description = "e2e, jsonl, text or restaurants (GPT-2); mnli, sst-2, mrpc, cola, qnli, qqp, rte or sts-b "
                    + "(RoBERTa).")
    private Task task;

    @Mixin
    private BaseOption base;

    @Mixin
    private BaseDTypeOption baseDType;

    @Mixin
    private DataOptions data;

    @Mixin
    private MethodOptions method;

    @Mixin
    private LoraOptions lora;

    @Mixin
    private LoopOptions loop;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() {
        Recipe recipe = method.recipe == null ? null : RecipeDefaults.find(spec, method.recipe);
        if (task == null && recipe == null) {
            throw new ParameterException(spec.commandLine(), "give --task NAME or --recipe NAME");
        }
        Task chosen = task != null ? task : Task.named(recipe.settings().get("task")).orElseThrow();
        RecipeDefaults.apply(spec, chosen, recipe);
        boolean needsFile = !(chosen instanceof LanguageTask language) || language.needsFile();
        if (needsFile && data.data == null) {
            throw new ParameterException(spec.commandLine(), "--task " + chosen.title() + " needs --data PATH");
        }
        method.check(spec);
        TrainingPlan plan = loop.plan(spec, chosen instanceof GlueTask, method.groupByLength);
        Seeds seeds = method.seeds(loop.seed);
        try (Backend backend = device.open(); Pool pool = new Pool(backend);
                BaseModel model = base.open(backend, baseDType.type())) {
            TrainingConsole console = new TrainingConsole(spec.commandLine().getOut(), chosen, baseDType,
                    recipe == null ? "" : announced(recipe));
            List<FineTuningResult> results = new FineTuning<>(
                    taskData(chosen, model), method.method(lora, model.config()), plan, data.modelDropout(), seeds,
                    data.out, BaseOption.nameOf(model), data.resume).run(model, pool, console);
            console.table(results);
        }
        return 0;
    }

    private TaskData<?, ?> taskData(Task chosen, BaseModel model) {
        return switch (chosen) {
            case LanguageTask language ->
                new LanguageData(language, data.data, data.valid, data.maxLength, data.evalExamples);
            case GlueTask sentences -> new GlueData(sentences, data.data, data.valid, maxLength(model));
        };
    }

    /// What was asked for, or what the model takes. A recipe's limit may be larger than a small model's.
    private Integer maxLength(BaseModel model) {
        boolean explicit = spec.commandLine().getParseResult().hasMatchedOption("--max-length");
        return data.maxLength == null || explicit ? data.maxLength
                : Integer.valueOf(Math.min(data.maxLength, model.config().maxPositions()));
    }

    private String announced(Recipe recipe) {
        return "recipe %s%n".formatted(recipe.name()) + (recipe.fromMnli() && method.beginsAnew()
                ? "note: the recipe starts from an adapter trained on MNLI; without --init-adapter this run starts "
                        + "anew%n".formatted() : "");
    }
}
