package dev.lorikeet.nn;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Shape;
import java.util.function.Supplier;

/// A path in a model's tree of weights: `weights.at("h").at("0").at("attn").get("c_attn.weight", …)`. Building a model
/// by walking these paths is what names its weights as in the checkpoint; nothing is found by reflection.
public final class Weights {
    private final WeightStore store;
    private final WeightOverrides overrides;
    private final String path;

    private Weights(WeightStore store, WeightOverrides overrides, String path) {
        this.store = store;
        this.overrides = overrides;
        this.path = path;
    }

    /// The root of a model that is frozen but for `overrides`.
    public static Weights of(WeightStore store, WeightOverrides overrides) {
        return new Weights(store, overrides, "");
    }

    /// The scope called `name` inside this one.
    public Weights at(String name) {
        return new Weights(store, overrides, full(name));
    }

    /// This scope's path, without a trailing dot; empty at the root.
    public String path() {
        return path;
    }

    public WeightStore store() {
        return store;
    }

    /// The weight called `name` in this scope: a vector, or a table that is only looked up in.
    public Weight get(String name, Shape shape, Initializer initializer) {
        return get(name, shape, initializer, null);
    }

    /// The matrix of a product called `name` in this scope.
    ///
    /// @param order which of its extents are output channels
    public Weight get(String name, Shape shape, Initializer initializer, WeightOrder order) {
        String full = full(name);
        Supplier<Frozen> base = () -> store.get(full, shape, initializer, order);
        return overrides.at(new WeightRequest(full, shape, initializer, store.has(full), base)).orElseGet(base);
    }

    /// The weight called `name` in this scope where the checkpoint ties it to `other`: `other` itself, unless it is
    /// frozen and an override has an untied copy of its own, or an override of `other` is not meant for this one.
    ///
    /// @param path of `other`
    /// @param base loads what `other` is in the base
    public Weight tied(String name, Weight other, String path, Supplier<Frozen> base) {
        String full = full(name);
        Weight start = overrides.unties(full, path) ? base.get() : other;
        return start instanceof Frozen frozen
                ? overrides.at(untied(full, frozen)).orElse(start)
                : start;
    }

    /// Says that checkpoints have the weight called `of` in this scope a second time, as `name`.
    public void repeats(String name, String of) {
        overrides.repeats(full(name), full(of));
    }

    private static WeightRequest untied(String full, Frozen other) {
        return new WeightRequest(full, other.shape(), Initializer.zeros(), true, () -> new Frozen(full, other.value()));
    }

    private String full(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
