/// RoBERTa (Liu et al. 2019) as Hugging Face checkpoints have it: a stack of post-norm blocks over ragged rows, every
/// row of a text attending to all others, with a head for masked tokens or one for classes and numbers.
///
/// What GPT-2 (`dev.lorikeet.models.gpt2`) has and this has not, and the other way round: layer norms stand behind the
/// sums, not before; GELU is the exact one; q, k and v are three projections, stored `(out, in)`; positions begin
/// behind the padding row ([RobertaPositions]).
///
/// Fields are named as in the checkpoint, so a weight's path is the path of the Java objects that hold it. Read
/// top-down: [RobertaConfig], [RobertaClassifier], [RobertaMaskedLm], `RobertaModel`, `RobertaLayer`; then
/// `dev.lorikeet.models.train`.
package dev.lorikeet.models.roberta;
