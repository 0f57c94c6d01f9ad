package dev.lorikeet.models.inspect;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Variable;
import java.util.List;

/// A forward pass with everything in it in view. Its tensors live as long as the tape.
///
/// @param hiddenStates what goes into the first block and what each part of the stack makes of it, as Hugging Face
///                     numbers it: the model says in what way
/// @param layers       what happened inside of each block's attention
/// @param logits       what the head makes of it
public record Inspection(List<Variable> hiddenStates, List<Layer> layers, Activation logits) {
    /// One block's attention.
    ///
    /// @param output        of the block, `(N, C)`
    /// @param keys          `(N, C)`, heads side by side
    /// @param values        `(N, C)`, likewise
    /// @param probabilities for each sequence of T rows `(H, T, T)`: how much a row (second extent) attends to another
    public record Layer(Activation output, double[] keys, double[] values, List<double[]> probabilities) {
        public Layer {
            probabilities = List.copyOf(probabilities);
        }
    }

    public Inspection {
        hiddenStates = List.copyOf(hiddenStates);
        layers = List.copyOf(layers);
    }
}
