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
/// A [Variant] is one file, from the option to the file format: [Plain] LoRA, [Dora] (direction and magnitude),
/// [OutputBias] (a bias of B), [Pissa] (starting from the weight's principal part). It says what a new update and one
/// from a file have beside A and B ([Variant.Extra]), what the projection computes, how it is merged, what PEFT's files
/// call its tensors and which setting names it; everybody else asks it. Adding one is its file, its name in `permits`
/// and in [Variant#all], and an option. [LoraPlus] (two learning rates) and [BiasMode] (the base's biases) go with any
/// of them. [LoraEmbedding] is an updated table. [Combination] makes one adapter of several.
///
/// Reading order: [LoraConfig] and [Targets] (where), [LoraDelta] and [LoraLinear] (what), [LoraAdapter] and
/// [AdaptedModel] (how it all meets), [Merge], then `dev.lorikeet.lora.io` for the files.
package dev.lorikeet.lora;
