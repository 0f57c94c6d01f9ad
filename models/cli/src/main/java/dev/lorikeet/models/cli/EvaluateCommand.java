package dev.lorikeet.models.cli;

import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.data.LimitedExamples;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.task.Task;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.train.HeldOut;
import dev.lorikeet.models.train.HeldOutLoss;
import dev.lorikeet.models.train.LanguageEvaluation;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
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
    public Integer call() {
        if (data == null && task != LanguageTask.RESTAURANTS) {
            throw new ParameterException(spec.commandLine(), "--task " + task.title() + " needs --data PATH");
        }
        try (Backend backend = device.open(); Pool pool = new Pool(backend)) {
            switch (task) {
                case LanguageTask language -> {
                    LanguageEvaluation e = evaluate(language, backend, pool, baseDType.type());
                    Double stored =
                            againstStored ? evaluate(language, backend, pool, BaseDType.STORED).loss() : null;
                    print(e, stored);
                }
                case GlueTask sentences -> evaluate(sentences, backend, pool);
            }
        }
        return 0;
    }

    private void evaluate(GlueTask sentences, Backend backend, Pool pool) {
        if (againstStored || limit > 0) {
            throw new ParameterException(
                    spec.commandLine(), "--against-stored and --examples are for language tasks");
        }
        try (BaseModel model = base.open(backend, baseDType.type())) {
            GlueEvaluation evaluation = new GlueEvaluation(sentences, data, maxLength, batch);
            GlueEvaluation.Result result = evaluation.of(model, adapter, pool);
            baseDType.report(spec.commandLine().getErr(), model);
            evaluation.print(result, json, spec.commandLine().getOut());
        }
    }

    private LanguageEvaluation evaluate(LanguageTask language, Backend backend, Pool pool, BaseDType type) {
        try (BaseModel model = base.open(backend, type);
                AdapterOption.Attached<Gpt2> attached =
                        adapter.attach(model, model.config(Gpt2Config.class).architecture())) {
            if (type != BaseDType.STORED) {
                baseDType.report(spec.commandLine().getErr(), model);
            }
            Tokenizer tokenizer = model.tokenizer();
            int longest = model.config().maxPositions();
            LimitedExamples examples = language.examples(
                    data, true, tokenizer, maxLength == null ? longest : Math.min(maxLength, longest));
            HeldOut held = HeldOut.of(examples.examples(), tokenizer, batch, limit);
            return new HeldOutLoss(pool, held, attached.model()).evaluate();
        }
    }

    private void print(LanguageEvaluation e, Double stored) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            String more = stored == null ? "" : String.format(Locale.ROOT, ", \"stored_loss\": %.8g", stored);
            out.printf(Locale.ROOT,
                    "{\"loss\": %.8g, \"perplexity\": %.8g, \"bits_per_byte\": %.8g, \"tokens\": %d, "
                            + "\"bytes\": %d%s}%n",
                    e.loss(), e.perplexity(), e.bitsPerByte(), e.tokens(), e.bytes(), more);
            return;
        }
        out.printf(
                Locale.ROOT, "loss %.5f nats per token, perplexity %.4f, %.5f bits per byte (%,d tokens, %,d bytes)%n",
                e.loss(), e.perplexity(), e.bitsPerByte(), e.tokens(), e.bytes());
        if (stored != null) {
            out.printf(Locale.ROOT, "with the weights as stored %.5f: keeping them in %s costs %+.5f%n", stored,
                    baseDType.type().name().toLowerCase(Locale.ROOT), e.loss() - stored);
        }
    }
}
