package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// `y = f(x)` for a whole block of ops `f`, of which only x is saved: the backward computes `f` again and goes back
/// through that (Chen et al., *Training Deep Nets with Sublinear Memory Cost*, 2016). Memory for time: one block's
/// activations exist at a time, and every block is computed twice.
///
/// The second run draws the same dropout masks, since those depend on a key and not on a state, and kernels repeat
/// themselves bit for bit: so do the gradients.
///
/// @param x      input, kept
/// @param xNeeds whether x needs a gradient, beside the weights that train in the block
/// @param block  the block
/// @param random where its random streams begin, null if nothing is random
public record Recompute(Tensor x, boolean xNeeds, Block block, RandomKey random) implements Op {
    /// A part of a model. It may use its argument, weights and constants, but no other activation, and has to do the
    /// same every time.
    @FunctionalInterface
    public interface Block {
        Activation forward(Tape tape, Variable x);
    }

    /// The block's result. Unless the tape [recomputes][Tape#recomputes] its ops are recorded one by one.
    public static Activation apply(Tape tape, Variable x, Block block) {
        return tape.recomputes() ? recomputed(tape, x, block) : block.forward(tape, x);
    }

    static Activation recomputed(Tape tape, Variable x, Block block) {
        RandomKey random = tape.peekRandom().orElse(null);
        try (Tape dry = tape.dryForward()) {
            Tensor made = block.forward(dry, dry.constant(x.value())).value();
            Tensor y = tape.allocate(made.dtype(), made.shape());
            tape.kernels().copy(y, made);
            List<Variable> inputs = new ArrayList<>(List.of(x));
            inputs.addAll(dry.trainables());
            return tape.record(
                    Recompute.class,
                    y,
                    save -> new Recompute(save.keep(x.value()), tape.needsGrad(x), block, random),
                    inputs.toArray(Variable[]::new));
        }
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        try (Tape again = grads.tape(random)) {
            Activation y = block.forward(again, xNeeds ? again.leaf(x) : again.constant(x));
            if (y.isTracked()) {
                again.backward(y, dy,
                        gradient -> grads.into(0, (dx, beta) -> grads.kernels().axpby(dx, 1, gradient, beta)));
            }
        }
    }
}
