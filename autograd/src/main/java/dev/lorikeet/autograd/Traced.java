package dev.lorikeet.autograd;

import java.util.List;

/// An op that was executed, recorded or not; see [Tape#trace].
///
/// @param op         its type
/// @param output     its result; tracked if the op was recorded
/// @param inputs     in the order in which its backward numbers them
/// @param savedBytes step memory that is kept for its backward and that no earlier op had saved already
public record Traced(Class<? extends Backward> op, Activation output, List<Variable> inputs, long savedBytes) {
    public Traced {
        inputs = List.copyOf(inputs);
    }
}
