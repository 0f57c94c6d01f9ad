/// Models, the data they are trained on, and the programs around them.
///
/// Architectures live in their own packages (`gpt2`, `roberta`) and are built from layers of `dev.lorikeet.nn`; `text`
/// has the tokenizers, `data` the data sets, `task` what models are adapted to, `metric` what judges them, `method`
/// ways to fine-tune, `train` fine-tuning and its loop, `generate` the decoding, `inspect` the view inside of a forward
/// pass, `hub` the fetching of models, `cli` the command line.
///
/// This package itself holds what they share. A directory is opened once ([BaseModel]); its `config.json`
/// ([ModelConfig]) gives an [Architecture], of which any number of models are built over the same weights. Training and
/// evaluation know them as [LanguageModel], [TokenPredictor] or [SequenceClassifier].
package dev.lorikeet.models;
