package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.WeightRequest;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// New updates, to be trained. Each depends on the seed and its own path only.
record FreshAdapter(WeightNames names, LoraConfig config, WeightStore store, long seed) implements AdapterSource {
    /// PEFT lists both for every classifier; a model has one of them.
    private static final Set<String> CLASSIFIERS = Set.of("classifier", "score");

    @Override
    public Optional<LoraDelta> delta(Site site) {
        return config.columnsFor(site.path()).map(columns -> create(site, columns));
    }

    private LoraDelta create(Site site, Columns columns) {
        String path = site.path();
        int in = site.in();
        int out = site.out();
        if (config.savesWeight(path + ".weight")) {
            throw new IllegalArgumentException("'%s' is a target and, by the end of its name, a module to save "
                    .formatted(path) + config.modulesToSave() + ": it can be only one of both");
        }
        List<ColumnSlice> slices = columns.slices(path, out);
        int r = config.rankFor(path);
        int narrowest = slices.stream().mapToInt(ColumnSlice::width).min().orElseThrow();
        if (r > Math.min(in, narrowest)) {
            throw new IllegalArgumentException(
                    "rank %d of '%s%s' is more than a %d x %d matrix can have: choose at most %d"
                            .formatted(r, path, columns, narrowest, in, Math.min(in, narrowest)));
        }
        int width = slices.stream().mapToInt(ColumnSlice::width).sum();
        Trainable a = trainable(names.a(path), Shape.of(slices.size() * r, in), config.init().forA(in, r),
                path + ".lora_A");
        Trainable b = trainable(names.b(path), Shape.of(width, r), config.init().forB(r), path + ".lora_B");
        LoraDelta delta = LoraDelta.of(path, a, b, columns, out, config.scaleFor(path), config.dropout());
        return config.dora()
                ? Dora.fresh(store, site, delta, m -> Trainable.of(store.backend(), names.magnitude(path), m))
                : delta;
    }

    private Trainable trainable(String name, Shape shape, Initializer initializer, String stream) {
        Tensor value = store.backend().allocate(store.compute(), shape);
        initializer.fill(store.backend().kernels(), value, Initializer.key(seed, stream));
        return Trainable.of(store.backend(), name, value);
    }

    @Override
    public Optional<Weight> saved(WeightRequest wanted) {
        return config.savesWeight(wanted.path())
                ? Optional.of(
                        Trainable.of(store.backend(), names.saved(wanted.path()), wanted.start(store, seed)))
                : Optional.empty();
    }

    @Override
    public void check(Collection<String> projections, Collection<String> weights) {
        for (String target : config.targets().unmatched(projections)) {
            String key = target.replaceFirst("\\[.*", "");
            throw new AdapterMismatch("target '%s' matches no projection of the model.%s Its projections are: %s."
                    .formatted(target, NearMatches.hint(key, projections), NearMatches.tree(projections)));
        }
        if (projections.stream().noneMatch(path -> config.columnsFor(path).isPresent())) {
            throw new AdapterMismatch(
                    "targets %s match projections, but exclude, layers or modules to save leave none of them: %s"
                            .formatted(config.targets(), NearMatches.tree(projections)));
        }
        for (String module : config.modulesToSave()) {
            boolean otherHead = CLASSIFIERS.contains(module)
                    && CLASSIFIERS.stream().anyMatch(head -> saves(head, weights));
            if (!saves(module, weights) && !otherHead) {
                throw new AdapterMismatch("module to save '%s' is not in the model.%s Its weights are: %s."
                        .formatted(module, NearMatches.hint(module + ".weight", weights), NearMatches.tree(weights)));
            }
        }
    }

    private boolean saves(String module, Collection<String> weights) {
        LoraConfig only = config.toBuilder().modulesToSave(List.of(module)).build();
        return weights.stream().anyMatch(only::savesWeight);
    }
}
