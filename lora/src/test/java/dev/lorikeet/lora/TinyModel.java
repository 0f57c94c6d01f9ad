package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// A stack of projections with GPT-2's names: two layers `x → c_attn (5 → 9) → c_proj (9 → 5)`, a norm and a head.
final class TinyModel {
    static final int WIDTH = 5;
    static final int FUSED = 9;
    static final int OUT = 4;

    private final List<Projection> layers = new ArrayList<>();
    private final LayerNorm lnF;
    private final Weight head;

    TinyModel(Weights weights, Projections projections) {
        this(weights, projections, WIDTH, 2);
    }

    TinyModel(Weights weights, Projections projections, int width, int layerCount) {
        Initializer normal = Initializer.normal(0.3);
        Weights transformer = weights.at("transformer");
        for (int i = 0; i < layerCount; i++) {
            Weights at = transformer.at("h." + i);
            layers.add(projections.create(at.at("attn.c_attn"), width, FUSED, WeightOrder.IN_OUT, normal));
            layers.add(projections.create(at.at("mlp.c_proj"), FUSED, width, WeightOrder.OUT_IN, normal));
        }
        lnF = new LayerNorm(transformer.at("ln_f"), width, 1e-5);
        head = weights.get("lm_head.weight", Shape.of(OUT, width), normal);
    }

    /// `(N, 5) → (N, 4)`
    Activation forward(Tape tape, Variable x) {
        Variable h = x;
        for (Projection layer : layers) {
            h = layer.forward(tape, h);
        }
        return MatMul.apply(tape, lnF.forward(tape, h), false, head, true);
    }
}
