package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.nn.WeightRequest;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Shape;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// New updates, to be trained. Each depends on the seed and its own path only.
record FreshAdapter(WeightNames names, LoraConfig config, WeightStore store, long seed) implements AdapterSource {
    /// PEFT lists both for every classifier; a model has one of them.
    private static final Set<String> CLASSIFIERS = Set.of("classifier", "score");

    @Override
    public Optional<LoraDelta> delta(Site site) {
        if (site.table() && !config.updatesTable(site.path())) {
            return Optional.empty();
        }
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
        LoraInit init = config.init();
        FreshParts parts = new FreshParts(names, config, store, seed, site);
        Trainable a = parts.weight(names.a(site), Shape.of(slices.size() * r, in),
                site.table() ? init.forTableA() : init.forA(in, r), "lora_A");
        Trainable b = parts.weight(names.b(site), Shape.of(width, r), site.table() ? init.forTableB() : init.forB(r),
                "lora_B");
        return config.variant().fresh(parts, LoraDelta.of(
                site, a, b, columns, config.scaleFor(path), site.table() ? 0 : config.dropout()));
    }

    @Override
    public Optional<Weight> saved(WeightRequest wanted) {
        return config.savesWeight(wanted.path()) || config.trainsBias(wanted.path())
                ? Optional.of(
                        Trainable.of(store.backend(), names.saved(wanted.path()), wanted.start(store, seed)))
                : Optional.empty();
    }

    @Override
    public void check(Collection<String> projections, Collection<String> weights, Map<String, String> repeated) {
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
