package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;

/// `RobertaForSequenceClassification` and `RobertaForMaskedLM`.
final class RobertaReference extends ReferenceModel {
    private final boolean classifier;

    RobertaReference(JsonNode config) {
        super(config);
        this.classifier = config.get("architectures").get(0).asText().equals("RobertaForSequenceClassification");
    }

    boolean isClassifier() {
        return classifier;
    }

    @Override
    boolean causal() {
        return false;
    }

    private Matrix encoder(Modules modules, PaddedBatch batch) {
        Graph graph = modules.graph();
        int heads = config.get("num_attention_heads").asInt();
        int padding = config.get("pad_token_id").asInt();
        double eps = config.get("layer_norm_eps").asDouble();
        int[] ids = batch.flat();
        int[] positions = new int[ids.length];
        int count = 0;
        for (int i = 0; i < ids.length; i++) {
            count = (i % batch.length() == 0 ? 0 : count) + (ids[i] == padding ? 0 : 1);
            positions[i] = ids[i] == padding ? padding : padding + count;
        }
        String e = "roberta.embeddings.";
        Matrix x = graph.plus(graph.plus(
                modules.lookup(e + "word_embeddings", ids, padding),
                modules.lookup(e + "token_type_embeddings", new int[ids.length], -1)),
                modules.lookup(e + "position_embeddings", positions, padding));
        x = modules.layerNorm(e + "LayerNorm", x, eps);
        for (int i = 0; i < config.get("num_hidden_layers").asInt(); i++) {
            String layer = "roberta.encoder.layer." + i + ".";
            Matrix attended = attention(
                    graph, modules.linear(layer + "attention.self.query", x),
                    modules.linear(layer + "attention.self.key", x), modules.linear(layer + "attention.self.value", x),
                    batch, heads, 1 / Math.sqrt((double) x.cols() / heads));
            x = modules.layerNorm(layer + "attention.output.LayerNorm",
                    graph.plus(modules.linear(layer + "attention.output.dense", attended), x), eps);
            Matrix up = Activations.gelu(graph, modules.linear(layer + "intermediate.dense", x));
            x = modules.layerNorm(
                    layer + "output.LayerNorm", graph.plus(modules.linear(layer + "output.dense", up), x), eps);
        }
        return x;
    }

    @Override
    Matrix logits(Modules modules, PaddedBatch batch) {
        Graph graph = modules.graph();
        Matrix x = encoder(modules, batch);
        if (classifier) {
            int[] first = new int[batch.count()];
            for (int text = 0; text < first.length; text++) {
                first[text] = text * batch.length();
            }
            Matrix h = Activations.tanh(graph, modules.linear("classifier.dense", graph.rows(x, first, -1)));
            return modules.linear("classifier.out_proj", h);
        }
        Matrix h = Activations.gelu(graph, modules.linear("lm_head.dense", x));
        h = modules.layerNorm("lm_head.layer_norm", h, config.get("layer_norm_eps").asDouble());
        Matrix decoder = modules.tied("lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight");
        return graph.plusRow(graph.productT(h, decoder), modules.parameter("lm_head.bias"));
    }

    @Override
    Matrix loss(Modules modules, PaddedBatch batch) {
        Matrix logits = logits(modules, batch);
        return classifier && logits.cols() == 1
                ? modules.graph().meanSquare(logits, batch.labels())
                : modules.graph().crossEntropy(logits, batch.classes());
    }
}
