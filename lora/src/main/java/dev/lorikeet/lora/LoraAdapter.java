package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.WeightRequest;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One adapter in device memory: A and B of every projection it updates, and the weights it replaces as a whole. All
/// are in the compute type (F32), whatever the base's type is.
///
/// Its weights come into being when a model that is being built with it asks for them, and are shared by all models
/// built with it. It is trainable or frozen from the start. [#close] frees its memory; no model built with it may be
/// used then.
public final class LoraAdapter implements AutoCloseable {
    private final String name;
    private final LoraConfig config;
    private final StoredAdapter.About about;
    private final WeightStore store;
    private final AdapterSource source;
    private final Map<String, LoraDelta> deltas = new LinkedHashMap<>();
    private final Map<String, Weight> saved = new LinkedHashMap<>();
    private final Map<String, String> repeated = new LinkedHashMap<>();
    private boolean fanInFanOut;

    private LoraAdapter(
            String name, LoraConfig config, StoredAdapter.About about, WeightStore store, AdapterSource source) {
        this.name = name;
        this.config = config;
        this.about = about;
        this.store = store;
        this.source = source;
        this.fanInFanOut = about.fanInFanOut();
    }

    /// A new adapter to train, called `default`. The same seed gives the same A, whatever else the model has.
    public static LoraAdapter fresh(LoraConfig config, WeightStore store, long seed) {
        return fresh("default", config, store, seed);
    }

    /// A new adapter to train.
    public static LoraAdapter fresh(String name, LoraConfig config, WeightStore store, long seed) {
        return new LoraAdapter(name, config, StoredAdapter.About.nothing(), store,
                new FreshAdapter(new WeightNames(name), config, store, seed));
    }

    /// An adapter from a file that stays as it is.
    public static LoraAdapter frozen(String name, StoredAdapter stored, WeightStore store) {
        return new LoraAdapter(name, stored.config(), stored.about(), store,
                new LoadedAdapter(new WeightNames(name), stored, store, false, OptionalLong.empty()));
    }

    /// An adapter from a file, to train on.
    public static LoraAdapter trainable(String name, StoredAdapter stored, WeightStore store) {
        return new LoraAdapter(name, stored.config(), stored.about(), store,
                new LoadedAdapter(new WeightNames(name), stored, store, true, OptionalLong.empty()));
    }

    /// An adapter from a file, to train on for another task: whole weights that its configuration names and the file
    /// lacks, such as a head for other classes, start as a fresh adapter's do. It is called `default`.
    ///
    /// @param seed of weights that neither the file nor the base has
    public static LoraAdapter continued(StoredAdapter stored, WeightStore store, long seed) {
        String name = "default";
        return new LoraAdapter(name, stored.config(), stored.about(), store,
                new LoadedAdapter(new WeightNames(name), stored, store, true, OptionalLong.of(seed)));
    }

    public String name() {
        return name;
    }

    public LoraConfig config() {
        return config;
    }

    /// The updates that models have asked for so far, in their order.
    public Collection<LoraDelta> deltas() {
        return Collections.unmodifiableCollection(deltas.values());
    }

    /// The whole weights that models have asked for so far, by path.
    public Map<String, Weight> saved() {
        return Collections.unmodifiableMap(saved);
    }

    /// What an optimizer has to train: A and B of every update with what is extra to them, then whole weights; empty
    /// for a frozen adapter.
    public List<Trainable> trainables() {
        return weights().filter(Trainable.class::isInstance).map(Trainable.class::cast).toList();
    }

    /// How many numbers the adapter has.
    public long parameterCount() {
        return weights().mapToLong(weight -> weight.value().size()).sum();
    }

    private Stream<Weight> weights() {
        return Stream.concat(
                deltas.values().stream().flatMap(delta -> delta.weights().stream()), saved.values().stream());
    }

    Optional<LoraDelta> deltaAt(Site site) {
        LoraDelta known = deltas.get(site.path());
        if (known != null) {
            if (known.in() != site.in() || known.out() != site.out()) {
                throw new AdapterMismatch("adapter '%s': '%s' is %d -> %d in another model, here it is %d -> %d"
                        .formatted(name, site.path(), known.in(), known.out(), site.in(), site.out()));
            }
            return Optional.of(known);
        }
        Optional<LoraDelta> made = source.delta(site);
        made.ifPresent(delta -> {
            deltas.put(site.path(), delta);
            fanInFanOut |= !site.table() && site.order() == WeightOrder.IN_OUT;
        });
        return made;
    }

    /// The weight that replaces the base's, or empty.
    ///
    /// @param ofProjection whether it belongs to a projection; targets may match the names of other modules as well
    Optional<Weight> savedAt(WeightRequest wanted, boolean ofProjection) {
        boolean onlyOfUpdated = config.bias() == BiasMode.LORA_ONLY && !config.savesWeight(wanted.path());
        if (onlyOfUpdated && !ofProjection) {
            return Optional.empty();
        }
        Weight known = saved.get(wanted.path());
        if (known != null) {
            if (!known.shape().equals(wanted.shape())) {
                throw new AdapterMismatch("adapter '%s': '%s' is %s in another model, here it is %s"
                        .formatted(name, wanted.path(), known.shape(), wanted.shape()));
            }
            return Optional.of(known);
        }
        Optional<Weight> made = source.saved(wanted);
        made.ifPresent(weight -> saved.put(wanted.path(), weight));
        return made;
    }

    /// Checks that the adapter fits a model that has been built.
    ///
    /// @throws AdapterMismatch if it does not
    ///
    /// @param secondNames of weights, by which PEFT saves them once more
    void check(Collection<String> projections, Collection<String> tables, Collection<String> weightPaths,
            Map<String, String> secondNames) {
        repeated.putAll(secondNames);
        List<String> candidates = new ArrayList<>(projections);
        if (!(config.targets() instanceof Targets.AllLinear)) {
            candidates.addAll(tables);
        }
        source.check(candidates, weightPaths, secondNames);
    }

    /// A copy of everything, for a file.
    ///
    /// @param trained what the optimizer has been training; all of it must be in the adapter, lest it be lost
    /// @throws IllegalStateException if something trained is not part of this adapter, or the adapter is empty
    public StoredAdapter snapshot(StoredAdapter.About describes, Collection<Trainable> trained) {
        Set<Trainable> own = Collections.newSetFromMap(new IdentityHashMap<>());
        own.addAll(trainables());
        List<String> lost = trained.stream().filter(weight -> !own.contains(weight)).map(Trainable::name).toList();
        if (!lost.isEmpty()) {
            throw new IllegalStateException("adapter '%s' would be saved without %d trained weights: %s; %s"
                    .formatted(name, lost.size(), lost, "name their modules in modules to save"));
        }
        if (deltas.isEmpty()) {
            throw new IllegalStateException(
                    "adapter '%s' has nothing to save: no model was built with it".formatted(name));
        }
        Backend backend = store.backend();
        TreeMap<String, StoredDelta> storedDeltas = new TreeMap<>();
        deltas.forEach((path, delta) -> storedDeltas.put(path, StoredDelta.copyOf(backend, delta)));
        TreeMap<String, StoredTensor> storedSaved = new TreeMap<>();
        saved.forEach((path, weight) -> storedSaved.put(path, StoredTensor.copyOf(backend, weight.value())));
        repeated.forEach((path, of) -> {
            if (saved.containsKey(of)) {
                storedSaved.put(path, storedSaved.get(of));
            }
        });
        return new StoredAdapter(
                config.variant().stored(config, deltas.keySet()),
                describes.withFanInFanOut(fanInFanOut),
                storedDeltas, storedSaved, List.of());
    }

    /// [#snapshot(StoredAdapter.About, Collection)] with what the file said when it was read.
    public StoredAdapter snapshot() {
        return snapshot(about, trainables());
    }

    @Override
    public void close() {
        List<Weight> all = new ArrayList<>(weights().toList());
        deltas.values().stream().flatMap(delta -> delta.extra().constants().stream())
                .forEach(constant -> store.backend().free(constant.storage()));
        deltas.clear();
        saved.clear();
        for (Weight weight : all) {
            store.backend().free(weight.value().storage());
            if (weight instanceof Trainable trainable) {
                store.backend().free(trainable.grad().storage());
            }
        }
    }
}
