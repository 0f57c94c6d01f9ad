package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.generate.BeamSearch;
import dev.lorikeet.models.generate.BeamSettings;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Hypothesis;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A manifest's `generation`: `<tag>.sequences` of greedy and beam searches, with their scores.
final class GenerationChecks {
    private static final String SEQUENCES = ".sequences";

    private final GoldenCase golden;
    private final Pool pool;
    private final LanguageModel model;
    private final JsonNode settings;
    private final int maxTokens;
    private final int padding;

    GenerationChecks(GoldenCase golden, Pool pool, LanguageModel model, JsonNode settings) {
        this.golden = golden;
        this.pool = pool;
        this.model = model;
        this.settings = settings;
        this.maxTokens = settings.path("max_new_tokens").intValue();
        this.padding = settings.path("pad_token_id").asInt(0);
    }

    void check() {
        for (String tensor : golden.manifest().tensors().keySet()) {
            if (tensor.endsWith(SEQUENCES)) {
                String tag = tensor.substring(0, tensor.length() - SEQUENCES.length());
                try {
                    if (settings.path(tag).isObject()) {
                        beams(tag, settings.get(tag));
                    } else {
                        greedy(tag);
                    }
                } catch (NotReplayed missing) {
                    golden.notChecked(tensor, missing.getMessage());
                }
            }
        }
    }

    /// The prompts that a search starts from: padded on the left, or all of one length.
    private PaddedTokens prompts(String tag) {
        return tag.contains("leftpad")
                ? PaddedTokens.of(golden.input("leftpad.input_ids"), golden.input("leftpad.attention_mask"))
                : PaddedTokens.of(golden.input("greedy.prompt"), null);
    }

    private void greedy(String tag) {
        PaddedTokens prompts = prompts(tag);
        Set<Integer> ends = tokens(settings.path(tag + ".eos_token_id"));
        double[][][] scores = new double[prompts.count()][maxTokens][];
        Generator.Listener listener = new Generator.Listener() {
            @Override
            public void onToken(int sequence, int token) {}

            @Override
            public boolean wantsLogits(int position) {
                return true;
            }

            @Override
            public void onLogits(int sequence, int position, double[] logits) {
                scores[sequence][position] = logits;
            }
        };
        List<int[]> rows = new ArrayList<>();
        for (int s = 0; s < prompts.count(); s++) {
            rows.add(prompts.row(s));
        }
        List<int[]> generated = new Generator(model, pool)
                .generate(rows, maxTokens, Sampling.greedy(), ends::contains, listener);
        sequences(tag, prompts, generated);
        if (golden.has(tag + ".scores")) {
            scores(tag, scores);
        }
    }

    private void scores(String tag, double[][][] scores) {
        double margin = Double.POSITIVE_INFINITY;
        List<double[]> rows = new ArrayList<>();
        for (double[][] sequence : scores) {
            for (double[] logits : sequence) {
                if (logits == null) {
                    throw new NotReplayed("scores after an end token are not defined");
                }
                rows.add(logits);
                double[] sorted = logits.clone();
                Arrays.sort(sorted);
                margin = Math.min(margin, sorted[sorted.length - 1] - sorted[sorted.length - 2]);
            }
        }
        golden.check(tag + ".scores", rows.stream().flatMapToDouble(Arrays::stream).toArray());
        String scalar = tag + ".min_top2_margin";
        if (golden.hasScalar(scalar)) {
            Double tolerance = golden.expected(tag + ".scores").entry().tolerance();
            golden.checkNumbers(
                    scalar, Manifest.numbers(golden.manifest().get("scalars").get(scalar)), new double[] {margin},
                    tolerance == null ? 0 : 2 * tolerance);
        }
    }

    private void beams(String tag, JsonNode node) {
        int returned = node.path("num_return_sequences").asInt(1);
        BeamSettings beam = new BeamSettings(
                node.path("num_beams").intValue(), maxTokens, node.path("length_penalty").asDouble(1),
                node.path("no_repeat_ngram_size").asInt(0), tokens(node.path("eos_token_id")), stopping(node));
        PaddedTokens prompts = prompts(tag);
        List<int[]> generated = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        for (int s = 0; s < prompts.count(); s++) {
            List<Hypothesis> found = new BeamSearch(model, pool).search(prompts.row(s), beam);
            for (Hypothesis hypothesis : found.subList(0, Math.min(returned, found.size()))) {
                generated.add(hypothesis.tokens());
                scores.add(hypothesis.score());
            }
        }
        PaddedTokens repeated = prompts.repeated(returned);
        if (generated.size() != repeated.count()) {
            golden.fact(tag + SEQUENCES, false, "%d hypotheses were found, %d are expected".formatted(
                    generated.size(), repeated.count()));
            return;
        }
        sequences(tag, repeated, generated);
        if (golden.has(tag + ".sequences_scores")) {
            golden.check(tag + ".sequences_scores", scores.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    private static BeamSettings.Stopping stopping(JsonNode node) {
        JsonNode early = node.path("early_stopping");
        if (early.asText().equals("never")) {
            return BeamSettings.Stopping.NEVER;
        }
        return early.asBoolean(false) ? BeamSettings.Stopping.EARLY : BeamSettings.Stopping.HEURISTIC;
    }

    /// A token, a list of tokens, or null for none.
    static Set<Integer> tokens(JsonNode node) {
        Set<Integer> tokens = new HashSet<>();
        if (!node.isNull() && !node.isMissingNode()) {
            Arrays.stream(Manifest.ints(node)).forEach(tokens::add);
        }
        return tokens;
    }

    /// Prompts with what was added, as wide as the longest, ended ones filled with padding.
    private void sequences(String tag, PaddedTokens prompts, List<int[]> generated) {
        int longest = generated.stream().mapToInt(tokens -> tokens.length).max().orElse(0);
        int width = prompts.length() + longest;
        double[] all = new double[prompts.count() * width];
        Arrays.fill(all, padding);
        for (int s = 0; s < prompts.count(); s++) {
            for (int t = 0; t < prompts.length(); t++) {
                all[s * width + t] = prompts.ids()[s][t];
            }
            for (int t = 0; t < generated.get(s).length; t++) {
                all[s * width + prompts.length() + t] = generated.get(s)[t];
            }
        }
        golden.check(tag + SEQUENCES, all);
    }
}
