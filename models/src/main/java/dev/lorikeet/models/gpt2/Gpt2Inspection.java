package dev.lorikeet.models.gpt2;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// A forward pass with everything in it in view; see [Gpt2#inspect]. Its tensors live as long as the tape.
///
/// @param hiddenStates as [Gpt2#hiddenStates] numbers them
/// @param layers       what happened inside of each block's attention
/// @param logits       `(N, V)`
public record Gpt2Inspection(List<Activation> hiddenStates, List<Layer> layers, Activation logits) {
    /// One block's attention.
    ///
    /// @param output        of the block, `(N, C)`
    /// @param keys          `(N, C)`, heads side by side
    /// @param values        `(N, C)`, likewise
    /// @param probabilities for each sequence of T rows `(H, T, T)`: how much a row (second extent) attends to another
    public record Layer(Activation output, Tensor keys, Tensor values, List<double[]> probabilities) {
        public Layer {
            probabilities = List.copyOf(probabilities);
        }
    }

    public Gpt2Inspection {
        hiddenStates = List.copyOf(hiddenStates);
        layers = List.copyOf(layers);
    }
}
