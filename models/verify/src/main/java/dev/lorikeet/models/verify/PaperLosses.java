package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.NotReplayed;
import java.util.LinkedHashMap;
import java.util.Map;

/// The loss of the paper's GPT-2 example, `Σ nll∘mask / (Σ mask + 1e-4)`, over labels that are shifted already, with
/// label smoothing.
final class PaperLosses {
    private static final double EPSILON = 1e-4;

    private final GoldenCase golden;
    private final Gpt2 model;
    private final TokenBatch batch;
    private final double scale;

    PaperLosses(GoldenCase golden, Gpt2 model, PaddedTokens tokens) {
        this.golden = golden;
        this.model = model;
        int[] labels = golden.input("lm_labels").ints();
        double[] mask = golden.input("lm_mask").values();
        double sum = 0;
        for (double weight : mask) {
            if (weight != 0 && weight != 1) {
                throw new NotReplayed("lm_mask has the weight %s; only 0 and 1 are replayed".formatted(weight));
            }
            sum += weight;
        }
        int T = tokens.length();
        batch = tokens.batch((s, t) -> mask[s * T + t] == 1 ? labels[s * T + t] : TokenBatch.IGNORED);
        scale = 1 / (sum + EPSILON);
    }

    /// Every loss among the scalars says its own smoothing; `<prefix>loss` goes with `<prefix>grad/…`.
    Map<String, Subject.Loss> all() {
        Map<String, Subject.Loss> losses = new LinkedHashMap<>();
        golden.manifest().get("scalars").properties().forEach(scalar -> {
            String name = scalar.getKey();
            if (name.equals("loss") || name.endsWith(".loss")) {
                losses.put(name.substring(0, name.length() - "loss".length()), smoothed(scalar.getValue()));
            }
        });
        return losses;
    }

    Subject.Loss training() {
        return smoothed(golden.manifest().get("training"));
    }

    private Subject.Loss smoothed(JsonNode settings) {
        double smoothing = settings.path("label_smooth").asDouble(0);
        return tape -> model.loss(tape, batch, smoothing, scale).loss();
    }
}
