package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.io.PickleObjects.Constructor;
import dev.lorikeet.tensor.io.PickleObjects.ScalarType;
import dev.lorikeet.tensor.io.PickleObjects.StorageRef;
import dev.lorikeet.tensor.io.PickleObjects.StorageType;
import dev.lorikeet.tensor.io.PickleObjects.TensorRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the few callables of a `torch.save` pickle build (`torch/_utils.py`, `torch/serialization.py`). Values only:
/// no file access, no code of the file.
final class TorchConstructors {
    private final Path file;
    private final Map<String, DType> storageTypes = new HashMap<>();

    TorchConstructors(Path file) {
        this.file = file;
    }

    /// Element types of the storages met so far, by key.
    Map<String, DType> storageTypes() {
        return storageTypes;
    }

    /// The result of calling `constructor` with `arguments`.
    Object call(Constructor constructor, List<?> arguments) {
        return switch (constructor) {
            case ORDERED_DICT -> orderedDict(arguments);
            case SIZE -> Collections.unmodifiableList(longs(argument(arguments, 0, "torch.Size"), "torch.Size"));
            case TENSOR -> tensor(arguments, "_rebuild_tensor", 4, null);
            case TENSOR_V2 -> tensor(arguments, "_rebuild_tensor_v2", 6, null);
            case TENSOR_V3 -> tensor(arguments, "_rebuild_tensor_v3", 7, scalarType(arguments));
            case PARAMETER -> parameter(arguments);
        };
    }

    /// A storage from its persistent id:
    /// `('storage', type, key, location, elements[, None or (key of the view, first element, elements)])`.
    StorageRef storage(Object id) {
        boolean plain = id instanceof List<?> parts && parts.size() >= 5 && parts.size() <= 6
                && "storage".equals(parts.get(0)) && parts.get(1) instanceof StorageType;
        if (!plain) {
            throw new FormatException(file, null, "references to storages of tensors in the pickle",
                    "a reference to " + PickleObjects.typeName(id instanceof List<?> l && !l.isEmpty() ? l.get(0) : id),
                    "Whole modules cannot be read: save model.state_dict() instead.");
        }
        List<?> parts = (List<?>) id;
        DType dtype = ((StorageType) parts.get(1)).dtype();
        long elements = size(parts.get(4), "the size of a storage");
        if (!(parts.get(2) instanceof String key)) {
            throw new FormatException(file, "a string as key of a storage", PickleObjects.typeName(parts.get(2)));
        }
        DType before = storageTypes.putIfAbsent(key, dtype);
        if (before != null && before != dtype) {
            throw new FormatException(file, "one element type of storage " + FormatException.quote(key),
                    before + " and " + dtype);
        }
        Object view = parts.size() == 6 ? parts.get(5) : null;
        if (view == null) {
            return new StorageRef(key, dtype, 0, elements);
        }
        if (!(view instanceof List<?> part && part.size() == 3)) {
            throw new FormatException(file, "key, first element and size of a view", PickleObjects.typeName(view));
        }
        return new StorageRef(key, dtype, size(part.get(1), "a view's first element"),
                size(part.get(2), "a view's size"));
    }

    private TensorRef tensor(List<?> arguments, String name, int atLeast, DType dtype) {
        if (arguments.size() < atLeast || arguments.size() > 8 || !(arguments.get(0) instanceof StorageRef storage)) {
            throw new FormatException(file, name + "(storage, offset, size, stride, …)", shown(arguments));
        }
        return new TensorRef(storage, dtype == null ? storage.dtype() : dtype, size(arguments.get(1), "an offset"),
                List.copyOf(longs(arguments.get(2), "a size")), List.copyOf(longs(arguments.get(3), "strides")));
    }

    private DType scalarType(List<?> arguments) {
        if (arguments.size() < 7 || !(arguments.get(6) instanceof ScalarType type)) {
            throw new FormatException(file, "_rebuild_tensor_v3 with a dtype as seventh argument", shown(arguments));
        }
        return type.dtype();
    }

    private TensorRef parameter(List<?> arguments) {
        if (arguments.isEmpty() || !(arguments.get(0) instanceof TensorRef tensor)) {
            throw new FormatException(file, "_rebuild_parameter(tensor, …)", shown(arguments));
        }
        return tensor;
    }

    private Map<Object, Object> orderedDict(List<?> arguments) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        if (arguments.isEmpty()) {
            return dict;
        }
        if (arguments.size() != 1 || !(arguments.get(0) instanceof List<?> pairs)) {
            throw new FormatException(file, "OrderedDict() or OrderedDict([(key, value), …])", shown(arguments));
        }
        for (Object pair : pairs) {
            if (!(pair instanceof List<?> entry && entry.size() == 2)) {
                throw new FormatException(file, "pairs in an OrderedDict", PickleObjects.typeName(pair));
            }
            dict.put(key(entry.get(0)), entry.get(1));
        }
        return dict;
    }

    /// A dict key: text, number, bool or None. Containers as keys would make hashing recurse.
    Object key(Object value) {
        if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        throw new FormatException(file, "strings and numbers as dict keys", PickleObjects.typeName(value));
    }

    private Object argument(List<?> arguments, int i, String what) {
        if (i >= arguments.size()) {
            throw new FormatException(file, what + " with an argument", shown(arguments));
        }
        return arguments.get(i);
    }

    private List<Long> longs(Object value, String what) {
        if (!(value instanceof List<?> list)) {
            throw new FormatException(file, "a tuple as " + what, PickleObjects.typeName(value));
        }
        if (list.size() > 64) {
            throw new FormatException(file, "at most 64 extents in " + what, list.size() + " extents");
        }
        List<Long> longs = new ArrayList<>(list.size());
        for (Object number : list) {
            longs.add(size(number, what));
        }
        return longs;
    }

    private long size(Object value, String what) {
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        throw new FormatException(file, "an integer >= 0 and below 2^63 in " + what,
                value instanceof Number ? value.toString() : PickleObjects.typeName(value));
    }

    private static String shown(List<?> arguments) {
        return arguments.size() + " arguments, the first "
                + (arguments.isEmpty() ? "missing" : PickleObjects.typeName(arguments.get(0)));
    }
}
