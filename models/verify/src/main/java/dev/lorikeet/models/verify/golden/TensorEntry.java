package dev.lorikeet.models.verify.golden;

import dev.lorikeet.tensor.Shape;
import java.util.List;

/// What a manifest says about one tensor.
///
/// @param name      its name in the file
/// @param file      the file, relative to the case
/// @param dtype     element type as safetensors names it
/// @param shape     extents
/// @param tolerance largest allowed difference; null for inputs and for integers, which must be equal
/// @param noise     `[start, end)` ranges of flattened elements that hold rounding noise only and are not compared
public record TensorEntry(String name, String file, String dtype, Shape shape, Double tolerance, List<int[]> noise) {
    public TensorEntry {
        noise = List.copyOf(noise);
    }

    /// Whether element `i` is noise.
    public boolean isNoise(int i) {
        for (int[] range : noise) {
            if (i >= range[0] && i < range[1]) {
                return true;
            }
        }
        return false;
    }
}
