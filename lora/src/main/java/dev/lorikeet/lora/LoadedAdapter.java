package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.nn.WeightRequest;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/// Updates from a file. Strict: what the configuration targets must be in the file, and what is in the file must be
/// used.
///
/// A file made from the bare model calls its modules `h.0.attn.c_attn` where the model with a head says
/// `transformer.h.0.attn.c_attn`: one leading component more or less is allowed for.
final class LoadedAdapter implements AdapterSource {
    private final WeightNames names;
    private final StoredAdapter stored;
    private final WeightStore store;
    private final boolean trainable;
    private final OptionalLong newWeights;

    /// @param newWeights seed of whole weights that the configuration names and the file lacks, if they may start anew
    LoadedAdapter(WeightNames names, StoredAdapter stored, WeightStore store, boolean trainable,
            OptionalLong newWeights) {
        this.names = names;
        this.stored = stored;
        this.store = store;
        this.trainable = trainable;
        this.newWeights = newWeights;
    }

    @Override
    public Optional<LoraDelta> delta(Site site) {
        String path = site.path();
        String key = keyOf(path, stored.deltas());
        StoredDelta delta = stored.deltas().get(key);
        if (delta == null || stored.config().columnsFor(key).isEmpty()) {
            return Optional.empty();        // check() tells whether this is right
        }
        if (delta.table() != site.table()) {
            throw new AdapterMismatch("adapter '%s': '%s' is %s in this model, the adapter updates %s".formatted(
                    names.adapter(), path, site.table() ? "an embedding table" : "a projection",
                    delta.table() ? "an embedding table" : "a projection"));
        }
        LoraConfig config = stored.config();
        List<ColumnSlice> slices = delta.columns().slices(path, site.out());
        int width = slices.stream().mapToInt(ColumnSlice::width).sum();
        int r = config.rankFor(key);
        StoredParts parts = new StoredParts(names, stored, key, store, trainable, site);
        parts.requireShape(key + ".lora_A", Shape.of(slices.size() * r, site.in()), delta.a().shape());
        parts.requireShape(key + ".lora_B", Shape.of(width, r), delta.b().shape());
        return Optional.of(config.variant().loaded(parts, LoraDelta.of(
                site, parts.weight(names.a(site), delta.a()), parts.weight(names.b(site), delta.b()), delta.columns(),
                config.scaleFor(key), site.table() ? 0 : config.dropout())));
    }

    @Override
    public Optional<Weight> saved(WeightRequest wanted) {
        String path = wanted.path();
        StoredTensor tensor = stored.saved().get(keyOf(path, stored.saved()));
        if (tensor == null) {
            boolean anew = newWeights.isPresent() && stored.config().savesWeight(path);
            return anew || trainable && isUnsavedBias(path)
                    ? Optional.of(Trainable.of(
                            store.backend(), names.saved(path), wanted.start(store, newWeights.orElse(0))))
                    : Optional.empty();
        }
        StoredParts parts = new StoredParts(names, stored, path, store, trainable, null);
        parts.requireShape(path, wanted.shape(), tensor.shape());
        return Optional.of(parts.weight(names.saved(path), tensor));
    }

    /// PEFT trains the biases of updated projections if it is told to, but leaves them out of its files (a key that it
    /// looks for does not exist since it wraps layers). Such a file means the base's own, and training goes on from
    /// them.
    private boolean isUnsavedBias(String path) {
        return stored.config().bias() == BiasMode.LORA_ONLY && path.endsWith(".bias")
                && stored.deltas().containsKey(
                        keyOf(path.substring(0, path.lastIndexOf('.')), stored.deltas()));
    }

    @Override
    public void check(Collection<String> projections, Collection<String> weights, Map<String, String> repeated) {
        Set<String> missing = new TreeSet<>();
        Set<String> unexpected = new TreeSet<>(stored.deltas().keySet());
        Map<String, String> users = new HashMap<>();
        for (String path : projections) {
            String key = keyOf(path, stored.deltas());
            boolean targeted = stored.config().columnsFor(key).isPresent();
            if (targeted && !stored.deltas().containsKey(key)) {
                missing.add(path + ".lora_A");
            } else if (targeted) {
                unexpected.remove(key);
                requireOneUser(users, key, path);
            }
        }
        Set<String> unexpectedSaved = new TreeSet<>(stored.saved().keySet());
        for (String path : weights) {
            String key = keyOf(path, stored.saved());
            if (unexpectedSaved.remove(key) || stored.saved().containsKey(key)) {
                requireOneUser(users, key, path);
            } else if (stored.config().savesWeight(path)
                    ? newWeights.isEmpty()
                    : stored.config().bias() == BiasMode.ALL && stored.config().trainsBias(path)) {
                missing.add(path);
            }
        }
        repeated.forEach((path, of) -> removeSecond(keyOf(path, stored.saved()), of, unexpectedSaved));
        unexpected.addAll(unexpectedSaved);
        report(missing, unexpected, projections, weights);
    }

    /// PEFT saves a weight that two modules share (`lm_head.bias`, `lm_head.decoder.bias`) under both names.
    private void removeSecond(String path, String of, Set<String> unexpected) {
        StoredTensor second = stored.saved().get(path);
        StoredTensor first = stored.saved().get(keyOf(of, stored.saved()));
        if (second == null || first == null) {
            return;
        }
        if (second.dtype() != first.dtype() || !second.shape().equals(first.shape())
                || second.bytes().mismatch(first.bytes()) >= 0) {
            throw new AdapterMismatch(("adapter '%s' has other numbers for '%s' than for '%s', which are one weight in "
                    + "this model").formatted(names.adapter(), path, of));
        }
        unexpected.remove(path);
    }

    private void requireOneUser(Map<String, String> users, String key, String path) {
        String other = users.put(key, path);
        if (other != null && !other.equals(path)) {
            throw new AdapterMismatch("adapter '%s': '%s' could be meant for '%s' and for '%s' of this model"
                    .formatted(names.adapter(), key, other, path));
        }
    }

    private void report(
            Set<String> missing, Set<String> unexpected, Collection<String> projections, Collection<String> weights) {
        int total = stored.deltas().size() + stored.saved().size();
        if (missing.isEmpty() && unexpected.isEmpty() && total > 0) {
            return;
        }
        List<String> known = new ArrayList<>(projections);
        known.addAll(weights);
        StringBuilder message = new StringBuilder(
                "adapter '%s' does not fit this model: %d of its %d modules found a place."
                        .formatted(names.adapter(), total - unexpected.size(), total));
        if (!missing.isEmpty()) {
            message.append(" Missing in the adapter: %d (%s).".formatted(missing.size(), first(missing)));
        }
        if (!unexpected.isEmpty()) {
            message.append(" Not in the model: %d (%s).%s".formatted(
                    unexpected.size(), first(unexpected), NearMatches.hint(unexpected.iterator().next(), known)));
        }
        message.append(" The model's projections are: %s.".formatted(NearMatches.tree(projections)));
        throw new AdapterMismatch(message.toString());
    }

    private static String first(Set<String> names) {
        List<String> shown = names.stream().limit(4).toList();
        return String.join(", ", shown) + (names.size() > shown.size() ? ", …" : "");
    }

    /// The file's name for `path`: itself, or with one leading component less or more.
    private static String keyOf(String path, Map<String, ?> stored) {
        if (stored.containsKey(path)) {
            return path;
        }
        String shorter = path.substring(path.indexOf('.') + 1);
        if (stored.containsKey(shorter)) {
            return shorter;
        }
        return stored.keySet().stream()
                .filter(key -> key.indexOf('.') >= 0 && key.substring(key.indexOf('.') + 1).equals(path))
                .findFirst()
                .orElse(path);
    }
}
