/// Ways to fine-tune: what of a model is trained, and how it is kept.
///
/// A [Method] is a sealed family of records. Applied to a [Tunable] (frozen weights, an architecture, the new head of
/// a task) it gives a [Tuned] model, which knows its trainable weights, with their learning rates, and writes them:
/// [Lora] an adapter, [HeadOnly] a whole model. A further method is its own file, its name in the `permits` of
/// [Method], and an option of the command line; the training loop knows none of them.
///
/// Read before: `dev.lorikeet.lora`; read next: `dev.lorikeet.models.train`.
package dev.lorikeet.models.method;
