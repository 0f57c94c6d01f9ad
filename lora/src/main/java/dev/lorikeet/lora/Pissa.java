package dev.lorikeet.lora;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// PiSSA (Meng et al., *PiSSA: Principal Singular Values and Singular Vectors Adaptation*, 2024): A and B start as the
/// r largest singular triplets of the weight, `B₀ = U·√(Σ/s)`, `A₀ = √(Σ/s)·Vᵀ`, and the base as what is left of it,
/// `W − s·B₀·A₀`, so that the sum is W and training moves what matters most.
///
/// Here the base stays as it is, shared and frozen, and what is left is computed with it:
/// `y = x·Wᵀ − s·x·A₀ᵀ·B₀ᵀ + s·drop(x)·Aᵀ·Bᵀ`. In a file the update is plain LoRA of twice the rank,
/// `B·A − B₀·A₀ = (B −B₀)·(A; A₀)`, which any reader computes rightly over the unchanged base.
public record Pissa() implements Variant {
    @Override
    public String title() {
        return "PiSSA: starts from the weight's principal part";
    }

    @Override
    public Optional<PeftSetting> setting() {
        return Optional.of(new PeftSetting("init_lora_weights", "pissa", false));
    }

    @Override
    public List<String> notes() {
        return List.of("trained over what pissa leaves of the base, which is computed again from the base");
    }

    @Override
    public Optional<String> notCombinable() {
        return Optional.of("updates that start from the weight's principal part (PiSSA) need the base to be read: save "
                + "them as plain LoRA first");
    }

    /// A and B are given the principal part of the weight.
    @Override
    public LoraDelta fresh(FreshParts parts, LoraDelta delta) {
        Site site = parts.site();
        if (site.table() || !(delta.scale() > 0)) {
            throw new IllegalArgumentException("'%s' cannot start from its principal part: that takes a projection, %s"
                    .formatted(site.path(), "not an embedding table, and an alpha above 0"));
        }
        LoraDelta start = principal(parts.store(), site, delta);
        Kernels kernels = parts.store().backend().kernels();
        kernels.copy(delta.a().value(), start.a().value());
        kernels.copy(delta.b().value(), start.b().value());
        return delta.with(new Start(start));
    }

    /// For a file that says that it was trained over what is left of the base: A and B are the file's.
    @Override
    public LoraDelta loaded(StoredParts parts, LoraDelta plain) {
        return plain.with(new Start(principal(parts.store(), parts.site(), plain)));
    }

    /// The update that takes the principal part out of the base, `−s·B₀·A₀`.
    private static LoraDelta principal(WeightStore store, Site site, LoraDelta delta) {
        StoredTensor weight = StoredTensor.widened(store.backend(), store.compute(), site.weight().value());
        StoredTensor a = StoredTensor.zeros(store.compute(), delta.a().shape());
        StoredTensor b = StoredTensor.zeros(store.compute(), delta.b().shape());
        int r = delta.rank();
        int row = 0;
        int g = 0;
        for (ColumnSlice slice : delta.slices()) {
            PrincipalPart part = PrincipalPart.of(channels(site, weight, slice), r);
            for (int k = 0; k < r; k++) {
                double root = Math.sqrt(part.values()[k] / delta.scale());
                for (int i = 0; i < site.in(); i++) {
                    a.set((long) (g * r + k) * site.in() + i, root * part.right()[k][i]);
                }
                for (int o = 0; o < slice.width(); o++) {
                    b.set((long) (row + o) * r + k, root * part.left()[k][o]);
                }
            }
            row += slice.width();
            g++;
        }
        Frozen a0 = new Frozen(delta.a().name() + ".start", a.to(store.backend(), store.compute()));
        Frozen b0 = new Frozen(delta.b().name() + ".start", b.to(store.backend(), store.compute()));
        return LoraDelta.of(site, a0, b0, delta.columns(), -delta.scale(), 0);
    }

    /// The weight's output channels of a slice, `(width, in)`.
    private static double[][] channels(Site site, StoredTensor weight, ColumnSlice slice) {
        double[][] channels = new double[slice.width()][site.in()];
        boolean outIn = site.order() == WeightOrder.OUT_IN;
        for (int o = 0; o < slice.width(); o++) {
            for (int i = 0; i < site.in(); i++) {
                long channel = slice.from() + (long) o;
                channels[o][i] = weight.get(outIn ? channel * site.in() + i : (long) i * site.out() + channel);
            }
        }
        return channels;
    }

    /// The update over the unchanged base: `(A; A₀)` slice by slice, and `(B −B₀)`.
    private static StoredDelta doubled(StoredDelta trained, StoredDelta start) {
        int r = trained.rank();
        int groups = trained.columns().groups();
        int in = trained.in();
        int width = trained.b().shape().rows();
        StoredTensor a = StoredTensor.zeros(trained.a().dtype(), Shape.of(2 * r * groups, in));
        for (int g = 0; g < groups; g++) {
            a.setBlock(2 * g * r, 0, trained.a(), g * r, 0, r, in);
            a.setBlock((2 * g + 1) * r, 0, start.a(), g * r, 0, r, in);
        }
        StoredTensor b = StoredTensor.zeros(trained.b().dtype(), Shape.of(width, 2 * r));
        b.setBlock(0, 0, trained.b(), 0, 0, width, r);
        for (int o = 0; o < width; o++) {
            for (int k = 0; k < r; k++) {
                b.set((long) o * 2 * r + r + k, -start.b().get((long) o * r + k));
            }
        }
        return new StoredDelta(a, b, trained.columns(), trained.out());
    }

    /// Of the doubled updates: twice the rank of each, and the alpha that keeps its scale.
    @Override
    public LoraConfig stored(LoraConfig config, Collection<String> paths) {
        Map<String, Integer> ranks = new TreeMap<>();
        Map<String, Double> alphas = new TreeMap<>();
        for (String path : paths) {
            ranks.put(path, 2 * config.rankFor(path));
            alphas.put(path, config.alphaFor(path) * (config.rsLora() ? Math.sqrt(2) : 2));
        }
        return config.withModules(ranks, alphas).toBuilder().variant(new Plain()).build();
    }

    /// Where an update of PiSSA started.
    ///
    /// @param start takes the principal part out of the base: A₀ and B₀, frozen, with scale −s
    public record Start(LoraDelta start) implements Extra {
        @Override
        public List<Tensor> constants() {
            return List.of(start.a().value(), start.b().value());
        }

        @Override
        public List<LoraDelta> updates(LoraDelta self) {
            return List.of(self, start);
        }

        @Override
        public boolean cancels() {
            return true;
        }

        @Override
        public StoredDelta stored(Backend backend, StoredDelta plain) {
            return doubled(plain, StoredDelta.copyOf(backend, start));
        }
    }
}
