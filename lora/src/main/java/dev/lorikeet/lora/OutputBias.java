package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A bias of B is trained too, `Δy = s·(B·A·x + c)`: PEFT's `lora_bias`, for updates that were taken out of weights
/// that had one.
public record OutputBias() implements Variant {
    private static final String BIAS = "lora_B.bias";

    @Override
    public String title() {
        return "with a bias of B";
    }

    @Override
    public Optional<PeftSetting> setting() {
        return Optional.of(new PeftSetting("lora_bias", true, false));
    }

    @Override
    public List<String> tensors() {
        return List.of(BIAS);
    }

    @Override
    public Optional<String> notCombinable() {
        return Optional.of("updates with a bias of B are not combined: merge them instead");
    }

    /// c starts as B does.
    @Override
    public LoraDelta fresh(FreshParts parts, LoraDelta plain) {
        Site site = parts.site();
        if (site.table() || !plain.columns().isAll()) {
            throw new IllegalArgumentException("'%s%s' cannot have a bias of B: that takes a projection as a whole"
                    .formatted(site.path(), plain.columns()));
        }
        return plain.with(new Bias(
                parts.beside(BIAS, Shape.of(site.out()), parts.config().init().forB(plain.rank()))));
    }

    @Override
    public LoraDelta loaded(StoredParts parts, LoraDelta plain) {
        return plain.with(new Bias(parts.beside(BIAS, Shape.of(parts.site().out()))));
    }

    /// The bias of B of one update.
    ///
    /// @param bias `c (out)`
    public record Bias(Weight bias) implements Extra {
        @Override
        public SortedMap<String, Weight> weights() {
            return new TreeMap<>(Map.of(BIAS, bias));
        }

        @Override
        public Optional<Weight> outputBias() {
            return Optional.of(bias);
        }
    }
}
