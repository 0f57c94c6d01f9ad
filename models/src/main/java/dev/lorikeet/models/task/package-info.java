/// Tasks: what a model is adapted to, as a name on the command line.
///
/// [Task] turns a data file into examples for a tokenizer. Read before: `dev.lorikeet.models.data`; read next:
/// `dev.lorikeet.models.train`.
package dev.lorikeet.models.task;
