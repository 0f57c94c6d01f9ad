package dev.lorikeet.models.verify.golden;

import dev.lorikeet.tensor.Pool;

/// How cases of one kind are replayed.
@FunctionalInterface
public interface CaseKind {
    /// Computes what the case expects on the pool's device and notes the comparisons in `golden`.
    void replay(GoldenCase golden, Pool pool);
}
