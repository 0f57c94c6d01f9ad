package dev.lorikeet.models;

/// A model of a family with a head that gives each text a score per class, or one number.
///
/// @param config       the family's configuration with this head
/// @param labels       number of classes; 1 for a number
/// @param head         path of the head's module: what a task trains as a whole
/// @param architecture builds the model
public record Classification(
        ModelConfig config, int labels, String head, Architecture<? extends SequenceClassifier> architecture) {}
