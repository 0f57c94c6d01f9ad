package dev.lorikeet.models.verify.reference;

import java.util.Map;

/// A base model's weights, all of them trained.
record PlainReference(boolean conv1d, Map<String, Matrix> trained) implements Parameters {
    @Override
    public Modules on(Graph graph) {
        return new Modules(graph, conv1d) {
            @Override
            Matrix parameter(String path) {
                return trained.get(path);
            }

            @Override
            Matrix tied(String path, String other) {
                return trained.getOrDefault(path, trained.get(other));
            }
        };
    }

    @Override
    public Map<String, Matrix> merged() {
        return Map.of();
    }
}
