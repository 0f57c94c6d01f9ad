package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.nn.WeightStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// Frozen weights by their names in the checkpoint, copied from ours; none requires a gradient.
final class TorchWeights implements AutoCloseable {
    private final Map<String, Tensor> byName = new LinkedHashMap<>();

    /// Copies every weight that a model has asked `store` for.
    static TorchWeights copyOf(WeightStore store) {
        TorchWeights weights = new TorchWeights();
        for (Frozen weight : store.all()) {
            weights.byName.put(weight.name(), TorchTensors.copyOf(store.backend(), weight.value()));
        }
        return weights;
    }

    /// The weight called `name`; it belongs to this object.
    Tensor get(String name) {
        Tensor weight = byName.get(name);
        if (weight == null) {
            throw new IllegalArgumentException(
                    "the base has no weight '%s'; it has %s".formatted(name, byName.keySet()));
        }
        return weight;
    }

    @Override
    public void close() {
        byName.values().forEach(Tensor::close);
    }
}
