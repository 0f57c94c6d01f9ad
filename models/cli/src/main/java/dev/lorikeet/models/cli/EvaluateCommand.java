package dev.lorikeet.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.task.Task;
import dev.lorikeet.models.train.Evaluation;
import dev.lorikeet.models.train.FineTuningEvaluation;
import dev.lorikeet.models.train.GlueData;
import dev.lorikeet.models.train.GlueHeldOut;
import dev.lorikeet.models.train.LanguageData;
import dev.lorikeet.models.train.LanguageEvaluation;
import dev.lorikeet.models.train.LanguageHeldOut;
import dev.lorikeet.models.train.TaskData;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lorikeet evaluate`: held-out loss of a base model or an adapted one.
@Command(
        name = "evaluate",
        description = "Print held-out loss (nats per token), perplexity and bits per byte, or the metrics of a "
                + "GLUE task.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  lorikeet evaluate --task restaurants",
            "  lorikeet evaluate --task e2e --data e2e/valid.txt.gz --adapter run/adapter",
            "  lorikeet evaluate --task restaurants --base-dtype int8 --against-stored",
            "  lorikeet evaluate --base roberta-base --task mrpc --data glue_data --adapter mrpc/adapter"
        })
final class EvaluateCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private BaseOption base;

    @Mixin
    private BaseDTypeOption baseDType;

    @Option(names = "--against-stored",
            description = "Also evaluate with the weights as the checkpoint has them; print what --base-dtype costs.")
    private boolean againstStored;

    @Mixin
    private AdapterOption adapter;

    @Option(names = "--task", required = true, paramLabel = "NAME", converter = TaskOption.class,
            description = "e2e, jsonl, text or restaurants (GPT-2); mnli, sst-2, mrpc, cola, qnli, qqp, rte or sts-b "
                    + "(RoBERTa).")
    private Task task;

    @Option(names = "--max-length", paramLabel = "N",
            description = "Longest sequence; longer examples are cut. Default: what the model takes.")
    private Integer maxLength;

    @Option(names = "--data", paramLabel = "FILE",
            description = "Held-out data, plain or .gz; for a GLUE task also its directory.")
    private Path data;

    @Option(names = "--batch", defaultValue = "8", description = "Sequences per batch. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--examples", defaultValue = "0", paramLabel = "N",
            description = "Use the first N examples, 0 for all. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws JsonProcessingException {
        if (data == null && task != LanguageTask.RESTAURANTS) {
            throw new ParameterException(spec.commandLine(), "--task " + task.title() + " needs --data PATH");
        }
        if (task instanceof GlueTask && (againstStored || limit > 0)) {
            throw new ParameterException(
                    spec.commandLine(), "--against-stored and --examples are for language tasks");
        }
        try (Backend backend = device.open(); Pool pool = new Pool(backend)) {
            FineTuningEvaluation.Result result = evaluate(backend, pool, baseDType.type());
            Double stored = againstStored
                    ? evaluate(backend, pool, BaseDType.STORED).evaluation().figures().get("loss") : null;
            print(result, stored);
        }
        return 0;
    }

    private FineTuningEvaluation.Result evaluate(Backend backend, Pool pool, BaseDType type) {
        TaskData<?, ?> judged = switch (task) {
            case LanguageTask language -> new LanguageData(language, null, data, maxLength, limit);
            case GlueTask sentences -> new GlueData(sentences, null, data, maxLength);
        };
        try (BaseModel model = base.open(backend, type)) {
            FineTuningEvaluation.Result result =
                    new FineTuningEvaluation<>(judged, adapter.read(), batch).run(model, pool);
            if (type != BaseDType.STORED) {
                baseDType.report(spec.commandLine().getErr(), model);
            }
            return result;
        }
    }

    private void print(FineTuningEvaluation.Result result, Double stored) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JSON.writeValueAsString(figures(result.evaluation(), stored)));
            return;
        }
        switch (result.heldOut()) {
            case GlueHeldOut sentences -> out.printf("%s: %s%nheld out: %s%n", task.title(), result.evaluation(),
                    sentences.describe());
            case LanguageHeldOut _ -> print((LanguageEvaluation) result.evaluation(), stored, out);
        }
    }

    private void print(LanguageEvaluation e, Double stored, PrintWriter out) {
        out.printf(
                Locale.ROOT, "loss %.5f nats per token, perplexity %.4f, %.5f bits per byte (%,d tokens, %,d bytes)%n",
                e.loss(), e.perplexity(), e.bitsPerByte(), e.tokens(), e.bytes());
        if (stored != null) {
            out.printf(Locale.ROOT, "with the weights as stored %.5f: keeping them in %s costs %+.5f%n", stored,
                    baseDType.type().name().toLowerCase(Locale.ROOT), e.loss() - stored);
        }
    }

    /// Counts as integers, everything else with eight digits; null for what is not a number.
    private static Map<String, Object> figures(Evaluation evaluation, Double stored) {
        Map<String, Object> figures = new LinkedHashMap<>();
        evaluation.figures().forEach((name, value) -> figures.put(name, number(value)));
        if (evaluation instanceof LanguageEvaluation language) {
            figures.put("tokens", language.tokens());
            figures.put("bytes", language.bytes());
        }
        if (stored != null) {
            figures.put("stored_loss", number(stored));
        }
        return figures;
    }

    private static BigDecimal number(double value) {
        return Double.isFinite(value) ? new BigDecimal(value, new MathContext(8)) : null;
    }
}
