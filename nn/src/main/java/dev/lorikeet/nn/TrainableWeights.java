package dev.lorikeet.nn;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Makes the chosen weights of a base model trainable, each a copy of its own in the compute type: all of them for
/// pretraining and full fine-tuning, some for `modules_to_save`.
public final class TrainableWeights implements WeightOverrides {
    private final WeightStore store;
    private final Predicate<String> chosen;
    private final Map<String, Trainable> made = new LinkedHashMap<>();

    public TrainableWeights(WeightStore store, Predicate<String> chosen) {
        this.store = store;
        this.chosen = chosen;
    }

    @Override
    public Optional<Weight> at(String path, Supplier<Frozen> base) {
        if (!chosen.test(path)) {
            return Optional.empty();
        }
        return Optional.of(made.computeIfAbsent(path, name -> copyOf(name, base.get())));
    }

    /// The trainable weights, in the order in which the model asked for them.
    public List<Trainable> all() {
        return new ArrayList<>(made.values());
    }

    private Trainable copyOf(String name, Frozen base) {
        Backend backend = store.backend();
        Tensor value = backend.allocate(store.compute(), base.shape());
        backend.kernels().copy(value, base.value());
        return Trainable.of(backend, name, value);
    }
}
