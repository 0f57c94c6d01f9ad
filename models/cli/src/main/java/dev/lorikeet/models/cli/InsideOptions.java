package dev.lorikeet.models.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.graph.GraphDrawing;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.models.base.Attached;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.inspect.Inspection;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.models.method.Tuned;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.io.AtomicFile;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `inspect --attention` and `--graph`: what a model computes, and what a step of training would record.
final class InsideOptions {
    private static final String SAMPLE = "a step of training";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--attention", paramLabel = "TEXT",
            description = "Print how much each token of this text attends to which others.")
    private String text;

    @Option(names = "--layer", paramLabel = "N", description = "With --attention: this block only, from 0.")
    private Integer layer;

    @Option(names = "--head", paramLabel = "N",
            description = "With --attention: this head only, from 0. Default: their mean.")
    private Integer head;

    @Option(names = "--json", description = "With --attention: JSON.")
    private boolean json;

    @Option(names = "--graph", paramLabel = "FILE.svg",
            description = "Draw the ops of one step of training with a new adapter (--rank, --targets): what carries "
                    + "a gradient is coloured, what is frozen grey.")
    private Path graph;

    boolean isChosen() {
        return text != null || graph != null;
    }

    /// @throws ParameterException for options that make no sense together
    void check() {
        if (text == null && (layer != null || head != null || json)) {
            throw new ParameterException(spec.commandLine(), "--layer, --head and --json need --attention TEXT");
        }
    }

    void show(Path directory, LoraOptions lora, AdapterOption adapter, PrintWriter out) {
        try (Backend backend = Backends.open("cpu"); Pool pool = new Pool(backend);
                BaseModel base = BaseModel.open(backend, directory)) {
            if (text != null) {
                attention(base, adapter, pool, out);
            }
            if (graph != null) {
                draw(base, lora, pool);
                out.println(graph);
            }
        }
    }

    private void attention(BaseModel base, AdapterOption adapter, Pool pool, PrintWriter out) {
        List<StoredAdapter> stored = adapter.read().stream().map(Attached.Named::stored).toList();
        Tokenizer tokenizer = base.tokenizer();
        int[] ids = ids(base, text);
        try (Attached<?> attached = adapter.attach(base, base.config().with(stored).architecture());
                Tape tape = Tape.inference(pool)) {
            Inspectable model = (Inspectable) attached.model();
            boolean[] all = new boolean[ids.length];
            Arrays.fill(all, true);
            Inspection seen = model.inspect(pool, tape, TokenBatch.unlabelled(List.of(ids)), all);
            requireBelow("--layer", layer, seen.layers().size());
            int heads = model.attention().heads();
            requireBelow("--head", head, heads);
            List<String> tokens = Arrays.stream(ids)
                    .mapToObj(id -> printable(tokenizer.decode(new int[] {id}))).toList();
            ArrayNode layers = new ObjectMapper().createArrayNode();
            for (int i = 0; i < seen.layers().size(); i++) {
                if (layer == null || layer == i) {
                    double[][] p = probabilities(seen.layers().get(i).probabilities().getFirst(), ids.length, heads);
                    if (json) {
                        add(layers.addObject().put("layer", i), p);
                    } else {
                        print(out, "layer %d, %s".formatted(i, head == null ? "mean of %d heads".formatted(heads)
                                : "head " + head), tokens, p);
                    }
                }
            }
            if (json) {
                ObjectNode root = new ObjectMapper().createObjectNode();
                tokens.forEach(root.putArray("tokens")::add);
                root.set("layers", layers);
                out.println(root);
            }
        }
    }

    /// Of one head, or the mean of all: row t is how much token t attends to each.
    private double[][] probabilities(double[] all, int T, int heads) {
        double[][] p = new double[T][T];
        for (int h = 0; h < heads; h++) {
            double share = head == null ? 1.0 / heads : head == h ? 1 : 0;
            for (int i = 0; i < T * T; i++) {
                p[i / T][i % T] += share * all[h * T * T + i];
            }
        }
        return p;
    }

    private static void add(ObjectNode layer, double[][] p) {
        ArrayNode rows = layer.putArray("attention");
        for (double[] row : p) {
            ArrayNode values = rows.addArray();
            Arrays.stream(row).forEach(values::add);
        }
    }

    /// In percent; a column is named by its number, which stands before each token.
    private static void print(PrintWriter out, String title, List<String> tokens, double[][] p) {
        out.println(title);
        StringBuilder numbers = new StringBuilder(" ".repeat(18));
        for (int i = 0; i < tokens.size(); i++) {
            numbers.append("%4d".formatted(i));
        }
        out.println(numbers);
        for (int t = 0; t < p.length; t++) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%4d %-13.13s", t, tokens.get(t)));
            for (double each : p[t]) {
                line.append(String.format(Locale.ROOT, each < 0.005 ? "   ." : "%4.0f", 100 * each));
            }
            out.println(line);
        }
    }

    private void draw(BaseModel base, LoraOptions lora, Pool pool) {
        ModelConfig config = base.config();
        try (Tuned<?> tuned = Lora.of(lora.config(config, List.of())).apply(base.store(), config.architecture(), 0);
                Tape tape = Tape.traced(pool, new RandomKey(0, 0))) {
            int[] ids = ids(base, SAMPLE);
            switch (tuned.model()) {
                case TokenPredictor predictor -> predictor.loss(tape, TokenBatch.of(List.of(ids)), 0, 1);
                case SequenceClassifier classifier ->
                        classifier.loss(tape, LabelledBatch.of(List.of(ids), 0), 0, 1);
                default -> throw new IllegalArgumentException(
                        "a %s model has no loss to draw the graph of".formatted(config.modelType()));
            }
            AtomicFile.write(graph, GraphDrawing.of(tape.trace()).svg().getBytes(StandardCharsets.UTF_8));
        }
    }

    private int[] ids(BaseModel base, String words) {
        int[] ids = base.tokenizer().encode(words);
        if (ids.length < 2 || ids.length > base.config().maxPositions()) {
            throw new ParameterException(spec.commandLine(), "the text has %d tokens: expected 2 to %d".formatted(
                    ids.length, base.config().maxPositions()));
        }
        return ids;
    }

    private void requireBelow(String option, Integer value, int limit) {
        if (value != null && (value < 0 || value >= limit)) {
            throw new ParameterException(
                    spec.commandLine(), "%s must be 0 to %d, was %d".formatted(option, limit - 1, value));
        }
    }

    private static String printable(String token) {
        return token.replace("\n", "\\n").replace("\t", "\\t");
    }
}
