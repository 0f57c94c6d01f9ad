package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;

/// `GPT2LMHeadModel`.
final class Gpt2Reference extends ReferenceModel {
    Gpt2Reference(JsonNode config) {
        super(config);
    }

    @Override
    boolean causal() {
        return true;
    }

    @Override
    Matrix logits(Modules modules, PaddedBatch batch) {
        Graph graph = modules.graph();
        int C = config.get("n_embd").asInt();
        int heads = config.get("n_head").asInt();
        double eps = config.get("layer_norm_epsilon").asDouble();
        int[] positions = new int[batch.count() * batch.length()];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = i % batch.length();
        }
        Matrix x = graph.plus(
                modules.lookup("transformer.wte", batch.flat(), -1), modules.lookup("transformer.wpe", positions, -1));
        for (int i = 0; i < config.get("n_layer").asInt(); i++) {
            String h = "transformer.h." + i + ".";
            Matrix qkv = modules.linear(h + "attn.c_attn", modules.layerNorm(h + "ln_1", x, eps));
            int N = qkv.rows();
            Matrix attended = attention(
                    graph, graph.block(qkv, 0, 0, N, C), graph.block(qkv, 0, C, N, C), graph.block(qkv, 0, 2 * C, N, C),
                    batch, heads, 1 / Math.sqrt((double) C / heads));
            x = graph.plus(x, modules.linear(h + "attn.c_proj", attended));
            Matrix up = modules.linear(h + "mlp.c_fc", modules.layerNorm(h + "ln_2", x, eps));
            x = graph.plus(x, modules.linear(h + "mlp.c_proj", Activations.geluTanh(graph, up)));
        }
        x = modules.layerNorm("transformer.ln_f", x, eps);
        return graph.productT(x, modules.tied("lm_head.weight", "transformer.wte.weight"));
    }

    /// Logits at t against the label at t + 1.
    @Override
    Matrix loss(Modules modules, PaddedBatch batch) {
        int T = batch.length();
        int[] labels = batch.classes();
        int[] next = new int[labels.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = i % T + 1 < T ? labels[i + 1] : -100;
        }
        return modules.graph().crossEntropy(logits(modules, batch), next);
    }
}
