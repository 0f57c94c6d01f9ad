package dev.lorikeet.models.cli;

import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.ModelFamily;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.models.base.CheckpointSource;
import dev.lorikeet.models.base.ModelFamilies;
import dev.lorikeet.models.base.TokenizerFiles;
import dev.lorikeet.models.data.MaskedText;
import dev.lorikeet.models.data.PlainText;
import dev.lorikeet.models.hub.ModelPath;
import dev.lorikeet.models.text.BytePairTraining;
import dev.lorikeet.models.text.ByteTokenizer;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.text.Tokenizers;
import dev.lorikeet.models.train.MetricsLog;
import dev.lorikeet.models.train.Pretraining;
import dev.lorikeet.models.train.PretrainingText;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.io.AtomicFile;
import dev.lorikeet.tensor.io.Checkpoint;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lorikeet pretrain`: trains every parameter of a small model on plain text.
@Command(
        name = "pretrain",
        description = "Train a small GPT-2 or RoBERTa from random weights on plain text and write it as a Hugging Face "
                + "directory.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples (the first is how the embedded base was made):",
            "  lorikeet pretrain --text novels/train-*.txt.gz --valid novels/valid.txt.gz \\",
            "      --layers 4 --width 256 --heads 4 --context 512 --batch 16 --steps 2500 --out base",
            "  lorikeet pretrain --model roberta --text novels/train-*.txt.gz --valid novels/valid.txt.gz \\",
            "      --layers 3 --context 160 --vocabulary 2000 --hidden 0.3 --pairs 0.4 --batch 8 --steps 10000 \\",
            "      --out small-roberta"
        })
final class PretrainCommand implements Callable<Integer> {
    private static final int LEARNED_VOCABULARY = 8000;

    /// For the help text.
    static final class Families implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ModelFamilies.names().iterator();
        }
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", defaultValue = "gpt2", paramLabel = "FAMILY", completionCandidates = Families.class,
            description = "One of ${COMPLETION-CANDIDATES}. A decoder learns to predict the next token, an encoder "
                    + "hidden tokens. Default: ${DEFAULT-VALUE}.")
    private String model;

    @Option(names = "--text", required = true, arity = "1..*", paramLabel = "FILE",
            description = "Text to train on, plain or .gz; a line <|endoftext|> ends a document.")
    private List<Path> text;

    @Option(names = "--valid", required = true, arity = "1..*", paramLabel = "FILE", description = "Held-out text.")
    private List<Path> valid;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the model goes.")
    private Path out;

    @Option(names = "--tokenizer", paramLabel = "MODEL",
            description = "Directory with a tokenizer, or the name of a model that lorikeet pull has fetched. Default: "
                    + "bytes, 257 tokens; for an encoder see --vocabulary.")
    private Path tokenizerDirectory;

    @Option(names = "--vocabulary", paramLabel = "N",
            description = "Learn a byte-pair vocabulary of N tokens from --text. Default for an encoder: "
                    + LEARNED_VOCABULARY + ".")
    private Integer vocabulary;

    @Option(names = "--hidden", defaultValue = "0.15", paramLabel = "P",
            description = "Encoders: share of tokens to be predicted. Default: ${DEFAULT-VALUE}.")
    private double hidden;

    @Option(names = "--shortest", defaultValue = "8", paramLabel = "N",
            description = "Encoders: blocks of --context tokens are cut into sequences of at least N tokens, of drawn "
                    + "lengths: short ones teach a small model soonest. --context keeps blocks whole. Default: "
                    + "${DEFAULT-VALUE}.")
    private int shortest;

    @Option(names = "--pairs", defaultValue = "0", paramLabel = "P",
            description = "Encoders: share of sequences that are two texts which overlap, the second without a tenth "
                    + "of its tokens, for tasks on pairs of sentences. Default: ${DEFAULT-VALUE}.")
    private double pairs;

    @Option(names = "--from", paramLabel = "MODEL",
            description = "Go on from this model (a directory or a fetched one's name) instead of random weights; its "
                    + "config.json and tokenizer are used.")
    private Path from;

    @Option(names = "--layers", defaultValue = "4", description = "Blocks. Default: ${DEFAULT-VALUE}.")
    private int layers;

    @Option(names = "--width", defaultValue = "256", description = "Width of the model. Default: ${DEFAULT-VALUE}.")
    private int width;

    @Option(names = "--heads", defaultValue = "4", description = "Attention heads. Default: ${DEFAULT-VALUE}.")
    private int heads;

    @Option(names = "--context", defaultValue = "512", description = "Longest sequence. Default: ${DEFAULT-VALUE}.")
    private int context;

    @Option(names = "--batch", defaultValue = "16", description = "Sequences per step. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--steps", defaultValue = "2500", description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(names = "--lr", defaultValue = "1e-3", description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    private double lr;

    @Option(names = "--warmup", defaultValue = "100", description = "Steps of warm-up. Default: ${DEFAULT-VALUE}.")
    private long warmup;

    @Option(names = "--weight-decay", defaultValue = "0.1", description = "Of matrices. Default: ${DEFAULT-VALUE}.")
    private double weightDecay;

    @Option(names = "--eval-every", defaultValue = "250", description = "Steps. Default: ${DEFAULT-VALUE}.")
    private long evalEvery;

    @Option(names = "--eval-blocks", defaultValue = "200",
            description = "Held-out blocks of --context tokens to evaluate on. Default: ${DEFAULT-VALUE}.")
    private int evalBlocks;

    @Option(names = "--save-every", defaultValue = "100", description = "Steps. Default: ${DEFAULT-VALUE}.")
    private long saveEvery;

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--resume", description = "Continue from the checkpoint in --out.")
    private boolean resume;

    @Mixin
    private DeviceOption device;

    private ModelFamily family;

    @Override
    public Integer call() {
        tokenizerDirectory = tokenizerDirectory == null ? null : ModelPath.resolve(tokenizerDirectory);
        from = from == null ? null : ModelPath.resolve(from);
        family = ModelFamilies.named(model.toLowerCase(Locale.ROOT)).orElseThrow(() -> new ParameterException(
                spec.commandLine(), "--model: expected one of %s, found '%s'".formatted(
                        String.join(", ", ModelFamilies.names()), model)));
        PrintWriter console = spec.commandLine().getOut();
        Tokenizer tokenizer = tokenizer(console);
        ModelConfig config = from == null
                ? fresh(tokenizer.vocabularySize(), tokenizer.endOfText().orElse(-1))
                : ModelFamilies.read(from.resolve("config.json"));
        try (Backend backend = device.open(); Pool pool = new Pool(backend);
                Checkpoint start = from == null ? null : Checkpoint.open(from)) {
            WeightSource source =
                    start == null ? WeightSource.random(seed) : new CheckpointSource(start, config.backbone());
            Pretraining pretraining = Pretraining.create(backend, quiet(config), source, weightDecay);
            PretrainingText corpus = corpus(config, tokenizer);
            console.printf(
                    Locale.ROOT, "%,d parameters, %,d tokens of text, %s%n", pretraining.parameters(),
                    corpus.tokens(), backend.description());
            TrainingSettings settings = new TrainingSettings(
                    steps, lr, Schedule.cosine(warmup, steps, 0.5), 1, 0, seed, evalEvery, saveEvery);
            run(pretraining.run(corpus, settings, pool, out, fingerprint(config),
                    () -> write(pretraining, config, backend)), console);
        }
        return 0;
    }

    /// The tokenizer that was named, or learned before in a run that is resumed, or learned now, or bytes.
    private Tokenizer tokenizer(PrintWriter console) {
        Path files = from == null ? tokenizerDirectory : from;
        if (files != null) {
            return Tokenizers.open(files);
        }
        if (readsBytes()) {
            return new ByteTokenizer();
        }
        if (!resume || !Files.exists(out.resolve("tokenizer.json"))) {
            int size = vocabulary == null ? LEARNED_VOCABULARY : vocabulary;
            console.printf(Locale.ROOT, "learning a vocabulary of %,d tokens%n", size);
            console.flush();
            BytePairTraining training = new BytePairTraining();
            PlainText.documents(text).forEach(training::add);
            training.learn(size, family.specialTokens()).write(out);
        }
        return Tokenizers.open(out);
    }

    private ModelConfig fresh(int tokens, int endOfText) {
        return family.fresh(new FreshModel(tokens, context, width, layers, heads, endOfText));
    }

    /// A decoder for which no vocabulary is asked for; an encoder needs tokens to hide.
    private boolean readsBytes() {
        return vocabulary == null && fresh(1, -1).languageModel().isPresent();
    }

    /// Without dropout: a few minutes are not enough to learn a text by heart.
    private static Architecture<? extends TokenPredictor> quiet(ModelConfig config) {
        ModelConfig quiet = config.withDropout(0);
        return quiet.languageModel().isPresent()
                ? quiet.languageModel().get()
                : quiet.maskedLanguageModel().orElseThrow();
    }

    private PretrainingText corpus(ModelConfig config, Tokenizer tokenizer) {
        return config.languageModel().isPresent()
                ? PretrainingText.next(text, valid, tokenizer, context, batch, evalBlocks, seed)
                : PretrainingText.masked(text, valid, tokenizer, context, batch, evalBlocks,
                        new MaskedText.Plan(hidden, pairs, shortest, seed));
    }

    private String fingerprint(ModelConfig config) {
        return ("pretrain %s layers=%d width=%d heads=%d context=%d batch=%d steps=%d lr=%s warmup=%d "
                + "wd=%s seed=%d from=%s hidden=%s pairs=%s shortest=%d").formatted(
                        config.modelType(), layers, width, heads, context, batch, steps, lr, warmup,
                        weightDecay, seed, from, hidden, pairs, shortest);
    }

    private void run(TrainingRun run, PrintWriter console) {
        long done = resume ? run.resume() : 0;
        run.run(List.of(
                new MetricsLog(out, done),
                new ProgressLine(console, Terminal.isInteractive(), "pretrain", done, steps)));
    }

    private void write(Pretraining pretraining, ModelConfig config, Backend backend) {
        AtomicFile.write(out.resolve("config.json"), config.toJson().toPrettyString() + "\n");
        pretraining.write(out, backend);
        Path files = from == null ? tokenizerDirectory : from;
        if (files != null) {
            TokenizerFiles.copy(files, out);
        } else if (readsBytes()) {
            AtomicFile.write(
                    out.resolve("tokenizer_config.json"),
                    "{\n  \"tokenizer_class\": \"" + ByteTokenizer.CLASS_NAME + "\"\n}\n");
        }
    }
}
