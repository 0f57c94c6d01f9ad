/// The directory of a base model: opened once, shared by any number of models.
///
/// [BaseModel] reads `config.json` through [ModelFamilies], which lists the families that are built, maps the weights
/// ([CheckpointSource] knows that some files leave the backbone's prefix out) and opens the tokenizer.
/// [Attached] is a model over it with adapters from files. [MergedDirectory] writes one with its adapters merged,
/// [TokenizerFiles] takes the tokenizer along. [EmbeddedBase] is the small model that comes with the program.
///
/// Read before: `dev.lorikeet.models`. Next: `dev.lorikeet.models.method`.
package dev.lorikeet.models.base;
