package dev.lorikeet.models.cli;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.data.GlueFile;
import dev.lorikeet.models.data.SentenceLayout;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.task.Recipe;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// `lorikeet train` for a GLUE task: once, or once for each of several seeds.
///
/// @param common what was asked for
/// @param task   the task
/// @param glue   what only such tasks have
/// @param recipe where hyperparameters come from, or null
record GlueTraining(TrainingCommon common, GlueTask task, GlueOptions glue, Recipe recipe) {
    void run() {
        DataOptions data = common.data();
        if (data.data == null) {
            throw new ParameterException(common.spec().commandLine(), "--task " + task.title() + " needs --data PATH");
        }
        if (glue.headOnly) {
            refuseAdapterOptions();
        }
        if (Set.copyOf(glue.seeds).size() < glue.seeds.size()) {
            throw new ParameterException(
                    common.spec().commandLine(), "--seeds names a seed twice: " + glue.seeds);
        }
        Map<Long, Path> runs = new LinkedHashMap<>();
        if (glue.seeds.isEmpty()) {
            runs.put(common.loop().seed, data.out);
        } else {
            glue.seeds.forEach(seed -> runs.put(seed, data.out.resolve("seed-" + seed)));
        }
        runs.values().forEach(data::requireFree);
        try (Backend backend = common.device().open(); Pool pool = new Pool(backend);
                BaseModel base = common.base().open(backend, common.baseDType().type())) {
            run(base, pool, runs);
        }
    }

    /// Who asks for rank 64 and `--head-only` would take the baseline for what rank 64 reaches.
    private void refuseAdapterOptions() {
        CommandSpec spec = common.spec();
        if (glue.initAdapter != null) {
            throw new ParameterException(
                    spec.commandLine(), "--head-only trains no adapter, so it cannot start from one");
        }
        spec.mixins().get("lora").options().stream()
                .map(OptionSpec::longestName)
                .filter(spec.commandLine().getParseResult()::hasMatchedOption)
                .findFirst()
                .ifPresent(name -> {
                    throw new ParameterException(spec.commandLine(),
                            "--head-only trains no adapter: leave out %s, which describes one".formatted(name));
                });
    }

    private void run(BaseModel base, Pool pool, Map<Long, Path> runs) {
        PrintWriter console = common.spec().commandLine().getOut();
        RobertaConfig config = base.config(RobertaConfig.class).withLabels(task.labels());
        Double dropout = common.data().modelDropout();
        config = dropout == null ? config : config.withDropout(dropout);
        SentenceLayout layout = GlueSets.layout(base, maxLength(config));
        GlueFile file = task.train(common.data().data);
        EncodedSentences examples = EncodedSentences.of(file.rows(), layout);
        Map<String, EncodedSentences> heldOut = GlueSets.read(
                task, common.data().valid == null ? common.data().data : common.data().valid, layout);
        console.printf(Locale.ROOT, "%s%n%s%n%s: %,d examples, %,d cut to %d tokens%s; held out %s%n",
                base.directory(), pool.backend().description(), task.title(), examples.size(), examples.cut(),
                layout.maxLength(),
                file.skipped() == 0 ? "" : ", %d rows without all columns left out".formatted(file.skipped()),
                GlueSets.describe(task, heldOut));
        announceRecipe(console);
        GlueRun run = new GlueRun(common, task, glue, base, config, pool, examples, heldOut, start());
        SeedTable table = new SeedTable();
        runs.forEach((seed, directory) -> table.add(seed, run.train(seed, directory)));
        console.print(table);
        console.flush();
    }

    /// What was asked for, or what the model takes. A recipe's limit may be larger than a small model's.
    private Integer maxLength(RobertaConfig config) {
        Integer asked = common.data().maxLength;
        boolean explicit = common.spec().commandLine().getParseResult().hasMatchedOption("--max-length");
        return asked == null || explicit ? asked : Integer.valueOf(Math.min(asked, config.maxPositions()));
    }

    private void announceRecipe(PrintWriter console) {
        if (recipe == null) {
            return;
        }
        console.println("recipe " + recipe.name());
        if (recipe.fromMnli() && glue.initAdapter == null && !glue.headOnly) {
            console.println("note: the recipe starts from an adapter trained on MNLI; without --init-adapter this "
                    + "run starts anew");
        }
    }

    /// The adapter to start from, or null. A head for other classes is left behind.
    private StoredAdapter start() {
        if (glue.initAdapter == null) {
            return null;
        }
        if (!Files.exists(glue.initAdapter)) {
            throw new IllegalArgumentException("--init-adapter: there is no " + glue.initAdapter);
        }
        StoredAdapter stored = AdapterFiles.open(glue.initAdapter, new LoralibOptions(null, null, List.of()));
        int classes = new RobertaHead(stored).classes();
        return classes == task.labels().size() ? stored : stored.withNew(RobertaHead.MODULE);
    }
}
