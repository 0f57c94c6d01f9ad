package dev.lorikeet.nn;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Makes the chosen weights of a base model trainable, each a copy of its own in the compute type: all of them for
/// pretraining and full fine-tuning, some for `modules_to_save`.
public final class TrainableWeights implements WeightOverrides {
    private final WeightStore store;
    private final Predicate<String> chosen;
    private final long seed;
    private final Map<String, Trainable> made = new LinkedHashMap<>();

    /// The chosen weights; those that the base does not have start from seed 0.
    public TrainableWeights(WeightStore store, Predicate<String> chosen) {
        this(store, chosen, 0);
    }

    /// @param seed of the weights that the base does not have, such as a new head's
    public TrainableWeights(WeightStore store, Predicate<String> chosen, long seed) {
        this.store = store;
        this.chosen = chosen;
        this.seed = seed;
    }

    @Override
    public Optional<Weight> at(WeightRequest wanted) {
        if (!chosen.test(wanted.path())) {
            return Optional.empty();
        }
        return Optional.of(made.computeIfAbsent(
                wanted.path(), name -> Trainable.of(store.backend(), name, wanted.start(store, seed))));
    }

    /// The trainable weights, in the order in which the model asked for them.
    public List<Trainable> all() {
        return new ArrayList<>(made.values());
    }
}
