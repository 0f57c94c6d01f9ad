package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;

/// A weight that never changes: it has no gradient, no optimizer ever sees it, and ops save nothing for its sake.
public record Frozen(String name, Tensor value) implements Weight {}
