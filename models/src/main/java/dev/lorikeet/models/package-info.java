/// Models, the data they are trained on, and the programs around them.
///
/// Architectures live in their own packages (`gpt2`, …) and are built from layers of `dev.lorikeet.nn`; `text` has the
/// tokenizers, `data` the data sets, `train` the training loop, `generate` the decoding, `cli` the command line.
/// This package itself holds what they share: reading a `config.json`, opening a model directory, ragged token batches.
package dev.lorikeet.models;
