package dev.lorikeet.models.method;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.nn.optim.ParameterGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A model with what a [Method] trains of it. [#close] frees that; the frozen weights belong to their store.
///
/// @param <M> the kind of model
public interface Tuned<M> extends AutoCloseable {
    /// The model, which computes with the weights as they are now.
    M model();

    /// What an optimizer has to train, with the method's learning rates.
    ///
    /// @param weightDecay of all of them
    List<ParameterGroup> groups(double weightDecay);

    /// The model with its adapter, where the method has one.
    Optional<AdaptedModel<M>> adapted();

    /// Where in the directory of a run the result goes.
    Path result(Path run);

    /// Writes the current weights as something that people use.
    ///
    /// @param directory see [#result]
    void write(Path directory, Provenance of);

    /// Everything that is trained.
    default List<Trainable> trainables() {
        return groups(0).stream().flatMap(group -> group.weights().stream()).toList();
    }

    /// How many numbers are trained.
    default long parameters() {
        return trainables().stream().mapToLong(weight -> weight.value().size()).sum();
    }

    @Override
    void close();
}
