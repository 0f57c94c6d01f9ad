package dev.lorikeet.models.method;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.models.base.MergedDirectory;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.tensor.Backend;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A model some of whose own weights are trained.
///
/// @param model      the model
/// @param trainables copies of the base's weights, or new ones
/// @param backend    that they live on
record TunedWeights<M>(M model, List<Trainable> trainables, Backend backend) implements Tuned<M> {
    @Override
    public List<ParameterGroup> groups(double weightDecay) {
        return List.of(new ParameterGroup(trainables, weightDecay));
    }

    @Override
    public Optional<AdaptedModel<M>> adapted() {
        return Optional.empty();
    }

    @Override
    public Path result(Path run) {
        return run.resolve("model");
    }

    @Override
    public void write(Path directory, Provenance of) {
        Map<String, Frozen> replaced = trainables.stream()
                .map(weight -> new Frozen(weight.name(), weight.value()))
                .collect(Collectors.toMap(Frozen::name, Function.identity()));
        MergedDirectory.write(directory, of.base(), of.config(), replaced);
    }

    @Override
    public void close() {
        for (Trainable weight : trainables) {
            backend.free(weight.value().storage());
            backend.free(weight.grad().storage());
        }
    }
}
