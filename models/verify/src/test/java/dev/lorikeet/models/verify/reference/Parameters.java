package dev.lorikeet.models.verify.reference;

import java.util.Map;

/// The parameters that a model is computed with, some of them trained.
interface Parameters {
    /// What is trained, by the key that a case gives it.
    Map<String, Matrix> trained();

    /// The modules in one pass.
    Modules on(Graph graph);

    /// The base's parameters that merging changes, by their names in the base.
    Map<String, Matrix> merged();
}
