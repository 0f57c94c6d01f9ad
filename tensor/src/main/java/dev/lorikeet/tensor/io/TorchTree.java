package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.io.PickleObjects.TensorRef;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors and the plain values of an unpickled object, by name. Names are the keys on the way from the root,
/// joined by dots: the root `{"model_state_dict": {"a.b": tensor}, "epoch": 3}` has the tensor `a.b` and the plain
/// value `epoch`.
final class TorchTree {
    /// Under these keys training scripts put the state dict; its names are used without the key.
    private static final List<String> WRAPPERS = List.of("model_state_dict", "state_dict");

    /// A pickle can make one container the child of many, itself included, so that a small file becomes a tree of any
    /// size. These bounds are far beyond any checkpoint.
    private static final int MAX_DEPTH = 64;
    private static final int MAX_VALUES = 4_000_000;
    private static final long MAX_NAME_CHARACTERS = 64 << 20;

    private final Path file;
    private final Map<String, TensorRef> tensors = new LinkedHashMap<>();
    private final Map<String, Object> extras = new LinkedHashMap<>();
    private long values;
    private long nameCharacters;

    private TorchTree(Path file) {
        this.file = file;
    }

    /// Walks through `root`. A root that is itself a tensor is named `tensor`.
    static TorchTree of(Path file, Object root) {
        TorchTree tree = new TorchTree(file);
        String wrapper = wrapper(root);
        if (wrapper == null) {
            tree.walk(root instanceof TensorRef ? "tensor" : "", root, true, 0);
            return tree;
        }
        Map<Object, Object> others = new LinkedHashMap<>((Map<?, ?>) root);
        tree.walk("", others.remove(wrapper), true, 0);
        tree.walk("", others, false, 0);
        return tree;
    }

    /// The tensors of the state dict.
    Map<String, TensorRef> tensors() {
        return tensors;
    }

    /// Everything else: strings, numbers, bools, nulls, empty lists and dicts, and, if the state dict is under a key of
    /// its own, the tensors beside it as [TensorRef]s.
    Map<String, Object> extras() {
        return extras;
    }

    /// The key of the state dict, or null if the root is the state dict.
    private static String wrapper(Object root) {
        if (!(root instanceof Map<?, ?> dict) || dict.values().stream().anyMatch(v -> v instanceof TensorRef)) {
            return null;
        }
        return WRAPPERS.stream().filter(key -> dict.get(key) instanceof Map).findFirst().orElse(null);
    }

    private void walk(String name, Object value, boolean inStateDict, int depth) {
        nameCharacters += name.length();
        if (depth > MAX_DEPTH || ++values > MAX_VALUES || nameCharacters > MAX_NAME_CHARACTERS) {
            throw new FormatException(file, "at most %d levels, %d values and %d characters of names".formatted(
                    MAX_DEPTH, MAX_VALUES, MAX_NAME_CHARACTERS), "more in the pickle");
        }
        if (value instanceof Map<?, ?> dict && !dict.isEmpty()) {
            for (Map.Entry<?, ?> entry : dict.entrySet()) {
                walk(below(name, entry.getKey()), entry.getValue(), inStateDict, depth + 1);
            }
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                walk(below(name, i), list.get(i), inStateDict, depth + 1);
            }
        } else if (depth > 0 || !(value instanceof Map || value instanceof List)) {
            put(name, value, inStateDict);
        }
    }

    private void put(String name, Object value, boolean inStateDict) {
        if (tensors.containsKey(name) || extras.containsKey(name)) {
            throw new FormatException(file, name, "one value of this name", "two in the pickle", null);
        }
        if (value instanceof TensorRef tensor && inStateDict) {
            tensors.put(name, tensor);
        } else {
            extras.put(name, value);
        }
    }

    private static String below(String name, Object key) {
        return name.isEmpty() ? String.valueOf(key) : name + "." + key;
    }
}
