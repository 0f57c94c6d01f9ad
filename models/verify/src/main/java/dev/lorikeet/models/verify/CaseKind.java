package dev.lorikeet.models.verify;

import dev.lorikeet.tensor.Pool;

/// How cases of one kind are replayed.
@FunctionalInterface
interface CaseKind {
    /// Computes what the case expects on the pool's device and notes the comparisons in `golden`.
    void replay(GoldenCase golden, Pool pool);
}
