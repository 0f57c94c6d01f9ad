package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Mlp;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.SelfAttention;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.AttentionSpec;

/// One post-norm block: `h ← LayerNorm(x + drop(dense(attention(x))))`, `y ← LayerNorm(h + mlp(h))`.
final class RobertaLayer {
    private final SelfAttention self;
    private final Projection attentionOutput;
    private final LayerNorm attentionNorm;
    private final Mlp mlp;
    private final LayerNorm outputNorm;
    private final double dropout;

    RobertaLayer(RobertaConfig config, Weights at, Projections projections) {
        int C = config.hiddenSize();
        Initializer weights = Initializer.normal(config.initializerRange());
        Weights attention = at.at("attention");
        double scale = 1 / Math.sqrt((double) C / config.heads());
        self = new SelfAttention(
                linear(projections, attention.at("self.query"), C, C, weights),
                linear(projections, attention.at("self.key"), C, C, weights),
                linear(projections, attention.at("self.value"), C, C, weights),
                new AttentionSpec(config.heads(), scale, false), config.attentionDropout());
        attentionOutput = linear(projections, attention.at("output.dense"), C, C, weights);
        attentionNorm = new LayerNorm(attention.at("output.LayerNorm"), C, config.layerNormEps());
        mlp = new Mlp(
                linear(projections, at.at("intermediate.dense"), C, config.intermediateSize(), weights),
                linear(projections, at.at("output.dense"), config.intermediateSize(), C, weights),
                config.activation(), config.hiddenDropout());
        outputNorm = new LayerNorm(at.at("output.LayerNorm"), C, config.layerNormEps());
        dropout = config.hiddenDropout();
    }

    private static Projection linear(Projections projections, Weights at, int in, int out, Initializer initializer) {
        return projections.create(at, in, out, WeightOrder.OUT_IN, initializer);
    }

    AttentionSpec attention() {
        return self.spec();
    }

    /// @param x   `(N, C)`
    /// @param how its rows attend to one another
    /// @return `(M, C)`, of the rows of [Attend#queries]: behind the last block nobody reads the others
    Activation forward(Tape tape, Variable x, Attend how) {
        try (Frame frame = tape.frame()) {
            Variable asking = how.queries(tape, x);                                                  // (M, C)
            return frame.keep(rest(tape, asking, self.forward(tape, asking, x, how)));               // (M, C)
        }
    }

    /// Everything behind the attention, row by row.
    private Activation rest(Tape tape, Variable x, Activation attended) {
        Variable projected = Dropout.apply(tape, attentionOutput.forward(tape, attended), dropout);
        Activation h = attentionNorm.forward(tape, Add.apply(tape, x, projected));
        return outputNorm.forward(tape, Add.apply(tape, h, mlp.forward(tape, h)));
    }
}
