/// What models have in common, whatever their family.
///
/// A [ModelConfig] is what a `config.json` says. It answers with an [Architecture] for each thing that its family can
/// do: predict the next token ([LanguageModel]), predict hidden tokens ([TokenPredictor]), judge sequences
/// ([Classification], [SequenceClassifier]), turn tokens into rows ([Encoder]). A [ModelFamily] is all sizes of one
/// architecture; it has a package of its own (`gpt2`, `roberta`) and a line in `models.base`.
///
/// The chapters around it, in reading order: `batch` (what a model is given), `text` (tokenizers), `data` and `task`
/// (what there is to learn), `base` (a model's directory), `method` (what is trained of it), `train` (fine-tuning and
/// evaluation), `metric`, `generate`, `inspect`. In modules of their own: `hub` (fetching), `metric.nlg` (scores of
/// texts), `verify` (golden cases), `cli` (the command line).
package dev.lorikeet.models;
