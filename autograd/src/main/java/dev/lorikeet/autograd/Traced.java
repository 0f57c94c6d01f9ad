package dev.lorikeet.autograd;

import dev.lorikeet.autograd.op.Op;
import java.util.List;

/// An op that was executed, recorded or not; see [Tape#trace].
public record Traced(Class<? extends Op> op, Activation output, List<Variable> inputs) {}
