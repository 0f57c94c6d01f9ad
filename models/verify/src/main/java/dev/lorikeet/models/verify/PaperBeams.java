package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.generate.BeamSettings;
import dev.lorikeet.models.generate.Hypothesis;
import dev.lorikeet.models.generate.PaperBeamSearch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.tensor.Pool;
import java.util.Arrays;

/// A manifest's `beam`: searches of the paper's GPT-2 example.
final class PaperBeams {
    private final GoldenCase golden;
    private final Pool pool;
    private final Gpt2 model;

    PaperBeams(GoldenCase golden, Pool pool, Gpt2 model) {
        this.golden = golden;
        this.pool = pool;
        this.model = model;
    }

    void check() {
        for (JsonNode node : golden.manifest().get("beam")) {
            BeamSettings settings = new BeamSettings(
                    node.path("beam").intValue(), node.path("eval_len").intValue(),
                    node.path("length_penalty").asDouble(1), node.path("no_repeat_ngram_size").asInt(0),
                    GenerationChecks.tokens(node.path("eos_token_id")), BeamSettings.Stopping.NEVER);
            Golden queries = golden.input("beam.query");
            int[] lengths = golden.input("beam.query_len").ints();
            double[] all = new double[lengths.length * settings.maxTokens()];
            for (int s = 0; s < lengths.length; s++) {
                Hypothesis best = new PaperBeamSearch(model, pool)
                        .search(Arrays.copyOf(queries.row(s), lengths[s]), settings);
                for (int t = 0; t < best.tokens().length; t++) {
                    all[s * settings.maxTokens() + t] = best.tokens()[t];
                }
            }
            golden.check(node.path("tag").asText() + ".sequences", all);
        }
    }
}
