package dev.lorikeet.models.gpt2;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.nn.FusedSelfAttention;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Mlp;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;

/// One pre-norm block: `x ← x + attn(ln_1(x))`, `x ← x + mlp(ln_2(x))`.
final class Gpt2Block {
    private final LayerNorm ln1;
    private final FusedSelfAttention attn;
    private final LayerNorm ln2;
    private final Mlp mlp;

    Gpt2Block(Gpt2Config config, Weights at, Projections projections, int layer) {
        int C = config.nEmbd();
        Initializer weights = Initializer.normal(config.initializerRange());
        Initializer residual = config.residualInitializer();
        ln1 = new LayerNorm(at.at("ln_1"), C, config.layerNormEpsilon());
        attn = new FusedSelfAttention(
                conv1d(projections, at.at("attn.c_attn"), C, 3 * C, weights),
                conv1d(projections, at.at("attn.c_proj"), C, C, residual),
                config.attention(layer), config.attnPdrop(), config.residPdrop());
        ln2 = new LayerNorm(at.at("ln_2"), C, config.layerNormEpsilon());
        mlp = new Mlp(conv1d(projections, at.at("mlp.c_fc"), C, config.nInner(), weights),
                conv1d(projections, at.at("mlp.c_proj"), config.nInner(), C, residual),
                config.activation(), config.residPdrop());
    }

    private static Projection conv1d(Projections projections, Weights at, int in, int out, Initializer initializer) {
        return projections.create(at, in, out, WeightOrder.IN_OUT, initializer);
    }

    /// @param x   `(N, C)`
    /// @param how its rows attend to one another
    /// @return `(M, C)`, of the rows of [Attend#queries]: behind the last block nobody reads the others
    Activation forward(Tape tape, Variable x, Attend how) {
        try (Frame frame = tape.frame()) {
            Activation h = attended(tape, x, how);                                               // (M, C)
            return frame.keep(Add.apply(tape, h, mlp.forward(tape, ln2.forward(tape, h))));      // (M, C)
        }
    }

    private Activation attended(Tape tape, Variable x, Attend how) {
        try (Frame frame = tape.frame()) {
            Variable attended = attn.forward(tape, ln1.forward(tape, x), how);
            return frame.keep(Add.apply(tape, how.queries(tape, x), attended));
        }
    }
}
