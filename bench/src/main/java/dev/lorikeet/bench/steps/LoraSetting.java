package dev.lorikeet.bench.steps;

import dev.lorikeet.nn.BaseDType;

/// What is adapted how.
///
/// @param rank    of the adapters
/// @param targets the projections, as [dev.lorikeet.lora.Targets] reads them
/// @param base    how the frozen matrices are kept
public record LoraSetting(int rank, String targets, BaseDType base) {
    /// The query and value columns of GPT-2's `c_attn`, as in the paper; random weights as they are made, in F32.
    public static LoraSetting ofPaper(int rank) {
        return new LoraSetting(rank, "c_attn[q,v]", BaseDType.STORED);
    }
}
