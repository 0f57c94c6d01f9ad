/// Tasks: what a model is adapted to, as a name on the command line.
///
/// A [LanguageTask] turns a data file into examples for a tokenizer; a [GlueTask] knows its files, its classes and the
/// metrics that judge it. A [Recipe] is a published set of hyperparameters for one model and one task. Read before:
/// `dev.lorikeet.models.data` and `.metric`; read next: `dev.lorikeet.models.train`.
package dev.lorikeet.models.task;
