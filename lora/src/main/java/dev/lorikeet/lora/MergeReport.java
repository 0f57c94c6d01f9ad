package dev.lorikeet.lora;

import dev.lorikeet.tensor.DType;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What merging did to each weight, and what rounding took away.
///
/// @param weights one entry per merged weight, in the order of the model
/// @param notes   where the merged model does not compute what the adapted one did
public record MergeReport(List<Entry> weights, List<String> notes) {
    /// One merged weight.
    ///
    /// @param path     the weight, `transformer.h.0.attn.c_attn.weight`
    /// @param dtype    element type it was rounded to
    /// @param norm     `‖ΔW‖`, Frobenius
    /// @param largest  `max |ΔW|`
    /// @param maxError `max |W′ − (W + ΔW)|`, the largest rounding error
    /// @param loss     `‖W′ − (W + ΔW)‖ / ‖ΔW‖`, the share of the update lost to rounding
    /// @param vanished elements whose update is not 0 but did not change the weight
    /// @param elements number of elements with an update that is not 0
    public record Entry(
            String path, DType dtype, double norm, double largest, double maxError, double loss, long vanished,
            long elements) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT,
                    "%s  %s  |dW| %.4g  max %.4g  rounding: max %.3g, share %.3g, vanished %d of %d",
                    path, dtype, norm, largest, maxError, loss, vanished, elements);
        }
    }

    public MergeReport {
        weights = List.copyOf(weights);
    }

    /// The largest share of an update that was lost.
    public double worstLoss() {
        return weights.stream().mapToDouble(Entry::loss).max().orElse(0);
    }

    /// One line for people.
    public String summary() {
        return weights.stream()
                .max(Comparator.comparingDouble(Entry::loss))
                .map(worst -> String.format(Locale.ROOT,
                        "%d weights merged; most is lost of %s: a share of %.3g, rounded to %s",
                        weights.size(), worst.path(), worst.loss(), worst.dtype()))
                .orElse("nothing was merged");
    }

    /// A table, one line per weight.
    @Override
    public String toString() {
        return Stream.concat(weights.stream().map(Entry::toString), notes.stream().map(note -> "note: " + note))
                .collect(Collectors.joining("\n"));
    }
}
