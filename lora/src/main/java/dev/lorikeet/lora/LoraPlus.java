package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.nn.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// LoRA+ (Hayou et al., *LoRA+: Efficient Low Rank Adaptation of Large Models*, 2024): B learns with λ times the
/// learning rate of A. For wide models the best λ is well above 1 (the paper takes 16), since A and B of equal rates
/// leave A with updates that are too small to matter.
///
/// It changes the optimizer's groups only, nothing of the adapter or its file. What is neither A nor B (magnitudes,
/// biases, whole weights), and both factors of an embedding table, whose roles are exchanged, keep the plain rate.
public final class LoraPlus {
    private LoraPlus() {}

    /// Groups for an optimizer: everything with the plain rate, then every B.
    ///
    /// @param weightDecay of both
    /// @param ratio       λ; 1 is plain LoRA
    public static List<ParameterGroup> groups(Collection<LoraAdapter> adapters, double weightDecay, double ratio) {
        if (!(ratio > 0) || Double.isInfinite(ratio)) {
            throw new IllegalArgumentException("the ratio of LoRA+ must be a positive number, was " + ratio);
        }
        List<Trainable> plain = new ArrayList<>();
        List<Trainable> faster = new ArrayList<>();
        for (LoraAdapter adapter : adapters) {
            plain.addAll(adapter.trainables());
            for (LoraDelta delta : adapter.deltas()) {
                if (!delta.table() && delta.b() instanceof Trainable b) {
                    faster.add(b);
                }
            }
        }
        plain.removeAll(faster);
        return List.of(new ParameterGroup(plain, weightDecay), new ParameterGroup(faster, weightDecay, ratio));
    }
}
