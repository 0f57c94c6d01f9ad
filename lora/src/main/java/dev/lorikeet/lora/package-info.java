/// LoRA: which projections get a low-rank update, what the update computes, how it is merged and what its files hold.
///
/// A frozen projection `y = W₀x + b` becomes `y = W₀x + b + s·B·A·drop(x)` with `A (r, in)`, `B (out, r)` and
/// `s = α/r` (Hu et al., *LoRA*, §4.1). B starts at 0, so the model starts as what it was.
///
/// Nothing is injected by surgery. A model asks `dev.lorikeet.nn.Projections` for each of its projections while it is
/// being built; [LoraProjections] answers with a [LoraLinear] where a [LoraConfig] says so. Three things are
/// independent: an adapter is *active* if the model was built with it, *trainable* if its A and B are, *merged* if
/// [Merge] has written it into a copy of the weights. There is no mode, and nothing merges by itself.
///
/// Variants are files of their own: [Dora] and [DoraLinear] (direction and magnitude), [OutputBias] (a bias of B),
/// [Pissa] (starting from the weight's principal part), [LoraPlus] (two learning rates), [BiasMode] (the base's
/// biases), [LoraEmbedding] (embedding tables). [Combination] makes one adapter of several.
///
/// Reading order: [LoraConfig] and [Targets] (where), [LoraDelta] and [LoraLinear] (what), [LoraAdapter] and
/// [AdaptedModel] (how it all meets), [Merge], then `dev.lorikeet.lora.io` for the files.
package dev.lorikeet.lora;
