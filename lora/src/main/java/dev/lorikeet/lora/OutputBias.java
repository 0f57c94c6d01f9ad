package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import java.util.List;

/// A bias of B, `Δy = s·(B·A·x + c)`: PEFT's `lora_bias`, for updates that were taken out of weights that had one.
///
/// @param bias `c (out)`
public record OutputBias(Weight bias) implements LoraDelta.Extra {
    @Override
    public List<Weight> weights() {
        return List.of(bias);
    }
}
