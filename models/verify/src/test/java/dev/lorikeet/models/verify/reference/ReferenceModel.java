package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// A model of transformers, computed over a padded batch.
abstract class ReferenceModel {
    final JsonNode config;

    ReferenceModel(JsonNode config) {
        this.config = config;
    }

    static ReferenceModel of(JsonNode config) {
        return config.get("model_type").asText().equals("gpt2")
                ? new Gpt2Reference(config)
                : new RobertaReference(config);
    }

    abstract boolean causal();

    /// `(B·T, V)`, or `(B, labels)` of a classifier.
    abstract Matrix logits(Modules modules, PaddedBatch batch);

    abstract Matrix loss(Modules modules, PaddedBatch batch);

    /// Attention of all texts: `softmax(s·q·kᵀ)·v` for each text and head.
    final Matrix attention(Graph graph, Matrix q, Matrix k, Matrix v, PaddedBatch batch, int heads, double scale) {
        int T = batch.length();
        int d = q.cols() / heads;
        List<Matrix> blocks = new ArrayList<>();
        for (int text = 0; text < batch.count(); text++) {
            boolean[][] sees = batch.sees(text, causal());
            for (int h = 0; h < heads; h++) {
                Matrix scores = graph.scaled(graph.productT(
                        graph.block(q, text * T, h * d, T, d), graph.block(k, text * T, h * d, T, d)), scale);
                Matrix p = graph.softmax(scores, sees);
                blocks.add(graph.productT(p, graph.transposed(graph.block(v, text * T, h * d, T, d))));
            }
        }
        return graph.tiled(blocks, heads);
    }
}
