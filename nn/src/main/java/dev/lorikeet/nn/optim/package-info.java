/// Optimizers: the only writers of weights. They take `List<Trainable>`, so a frozen weight cannot reach them.
///
/// An optimizer is configured by [AdamWConfig] or [SgdConfig], driven by a [Schedule], and never looks at a model. A
/// new one extends [StatefulOptimizer] and says what happens to one weight. Global gradient clipping is a factor that
/// the update multiplies gradients by; the gradients themselves are not rewritten.
package dev.lorikeet.nn.optim;
