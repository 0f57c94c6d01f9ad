package dev.lorikeet.lora;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Restricts targets to some layers: PEFT's `layers_to_transform` and `layers_pattern`.
///
/// @param layers   numbers from 0; empty for all layers
/// @param patterns names of the list that holds the layers, such as `h` in `transformer.h.0.attn`; empty for any
public record LayerSubset(Set<Integer> layers, List<String> patterns) {
    public LayerSubset {
        if (layers.stream().anyMatch(layer -> layer < 0)) {
            throw new IllegalArgumentException("layers are numbered from 0, not %s".formatted(layers));
        }
        if (layers.isEmpty() && !patterns.isEmpty()) {
            throw new IllegalArgumentException("a layers pattern %s needs layers to transform".formatted(patterns));
        }
        layers = Collections.unmodifiableSortedSet(new TreeSet<>(layers));
        patterns = List.copyOf(patterns);
    }

    /// Every layer.
    public static LayerSubset all() {
        return new LayerSubset(Set.of(), List.of());
    }

    /// Whether these are all layers.
    public boolean isAll() {
        return layers.isEmpty();
    }

    /// Whether the projection at `path` lies in one of the layers.
    public boolean contains(String path) {
        if (isAll()) {
            return true;
        }
        for (String name : patterns.isEmpty() ? List.of("[^.]*") : patterns) {
            Matcher layer = Pattern.compile(".*\\." + name + "\\.(\\d+)\\.").matcher(path);
            if (layer.lookingAt()) {
                return layers.contains(Integer.parseInt(layer.group(layer.groupCount())));
            }
        }
        return false;
    }
}
