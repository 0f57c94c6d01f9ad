package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Embedding;
import dev.lorikeet.nn.EmbeddingTable;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Linear;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightRequest;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the projections of one model with adapters active in it. It remembers what the model asked for, so that
/// [#checkMatched] can tell a typing error from a choice. [AdaptedModel] does both.
public final class LoraProjections implements Projections {
    private final List<LoraAdapter> adapters;
    private final Set<String> paths = new LinkedHashSet<>();
    private final Set<String> tables = new LinkedHashSet<>();
    private final Map<String, LoraEmbedding> embeddings = new LinkedHashMap<>();
    private final Set<String> weights = new LinkedHashSet<>();
    private final Map<String, String> repeated = new LinkedHashMap<>();
    private final Map<String, String> untied = new LinkedHashMap<>();
    private final Map<String, AdaptedProjection> adapted = new LinkedHashMap<>();

    /// @param adapters their updates are added in this order
    public LoraProjections(List<LoraAdapter> adapters) {
        this.adapters = List.copyOf(adapters);
    }

    @Override
    public Projection create(Weights at, int in, int out, WeightOrder order, Initializer initializer) {
        String path = at.path();
        paths.add(path);            // before its weights are asked for
        Linear base = new Linear(at, in, out, order, initializer);
        List<LoraDelta> deltas = new ArrayList<>();
        for (LoraAdapter adapter : adapters) {
            adapter.deltaAt(Site.projection(path, in, out, base.weight(), order)).ifPresent(deltas::add);
        }
        if (deltas.isEmpty()) {
            return base;
        }
        AdaptedProjection projection = AdaptedProjection.of(path, base, deltas);
        adapted.put(path, projection);
        return projection;
    }

    @Override
    public Embedding embedding(Weights at, int rows, int cols, WeightOrder order, Initializer initializer,
            int padding) {
        String path = at.path();
        Weight table = at.get("weight", Shape.of(rows, cols), initializer, order);
        tables.add(path);
        List<LoraDelta> deltas = new ArrayList<>();
        for (LoraAdapter adapter : adapters) {
            adapter.deltaAt(Site.table(path, table)).ifPresent(deltas::add);
        }
        if (deltas.isEmpty()) {
            return new EmbeddingTable(table, padding);
        }
        LoraEmbedding embedding = new LoraEmbedding(path, table, deltas, padding, order != null);
        embeddings.put(path, embedding);
        return embedding;
    }

    /// The embedding tables that got an update, by path.
    public Map<String, LoraEmbedding> embeddings() {
        return Collections.unmodifiableMap(embeddings);
    }

    /// The whole weights that the adapters bring; to be passed to [Weights#of] of the same model.
    ///
    /// @return throws [AdapterMismatch] when two adapters replace the same weight
    public WeightOverrides overrides() {
        return new WeightOverrides() {
            @Override
            public Optional<Weight> at(WeightRequest wanted) {
                return override(wanted);
            }

            @Override
            public void repeats(String path, String of) {
                repeated.put(path, of);
            }

            @Override
            public boolean unties(String path, String to) {
                boolean replaced = adapters.stream().anyMatch(adapter -> adapter.saved().containsKey(to));
                if (replaced) {
                    untied.put(path, to);
                }
                return replaced;
            }
        };
    }

    /// Heads that are tied to a table which an adapter replaces as a whole, with the table's path. As in PEFT the copy
    /// is only looked up in, and the head goes on with the base's table.
    Map<String, String> untied() {
        return untied;
    }

    private Optional<Weight> override(WeightRequest wanted) {
        weights.add(wanted.path());
        boolean ofProjection = paths.contains(
                wanted.path().substring(0, Math.max(0, wanted.path().lastIndexOf('.'))));
        Optional<Weight> chosen = Optional.empty();
        String chooser = null;
        for (LoraAdapter adapter : adapters) {
            Optional<Weight> mine = adapter.savedAt(wanted, ofProjection);
            if (mine.isPresent() && chosen.isPresent()) {
                throw new AdapterMismatch("adapters '%s' and '%s' both replace '%s': only one of them can be active"
                        .formatted(chooser, adapter.name(), wanted.path()));
            }
            if (mine.isPresent()) {
                chosen = mine;
                chooser = adapter.name();
            }
        }
        return chosen;
    }

    /// The projections that got an update, by path, in the order of construction.
    public Map<String, AdaptedProjection> adapted() {
        return Collections.unmodifiableMap(adapted);
    }

    /// The paths of all projections that the model asked for.
    public Set<String> paths() {
        return Collections.unmodifiableSet(paths);
    }

    /// Checks, after the model has been built, that every adapter found its place.
    ///
    /// @throws AdapterMismatch if a target names nothing, or something of a file is missing or left over
    public void checkMatched() {
        adapters.forEach(adapter -> adapter.check(paths, tables, weights, repeated));
    }
}
