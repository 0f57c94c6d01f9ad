package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a pickle of `torch.save` may name, and what becomes of it. Everything else that a pickle can hold is a plain
/// Java value: `String`, `Long`, `BigInteger`, `Double`, `Boolean`, null, `List` (lists and tuples) or `LinkedHashMap`.
final class PickleObjects {
    private PickleObjects() {}

    /// A name that a pickle refers to.
    sealed interface Global permits Constructor, StorageType, ScalarType {}

    /// The functions and classes that may be called; each is a case of [TorchConstructors].
    enum Constructor implements Global {
        ORDERED_DICT, SIZE, TENSOR, TENSOR_V2, TENSOR_V3, PARAMETER
    }

    /// `torch.FloatStorage` and so on; the untyped storage counts bytes.
    record StorageType(DType dtype) implements Global {}

    /// `torch.float32` and so on.
    record ScalarType(String name, DType dtype) implements Global {
        @Override
        public String toString() {
            return name;
        }
    }

    /// A storage that a pickle refers to by its key.
    ///
    /// @param key      name of the bytes in the archive
    /// @param dtype    element type
    /// @param first    index of its first element among the bytes of that key, in elements
    /// @param elements number of elements
    record StorageRef(String key, DType dtype, long first, long elements) {}

    /// A tensor as the pickle describes it; nothing has been checked but the types.
    record TensorRef(StorageRef storage, DType dtype, long offset, List<Long> size, List<Long> stride) {}

    private static final Map<String, Constructor> CONSTRUCTORS = Map.of(
            "collections.OrderedDict", Constructor.ORDERED_DICT,
            "torch.Size", Constructor.SIZE,
            "torch._utils._rebuild_tensor", Constructor.TENSOR,
            "torch._utils._rebuild_tensor_v2", Constructor.TENSOR_V2,
            "torch._utils._rebuild_tensor_v3", Constructor.TENSOR_V3,
            "torch._utils._rebuild_parameter", Constructor.PARAMETER);

    private static final Map<String, DType> SCALARS = Map.ofEntries(
            Map.entry("float64", DType.F64), Map.entry("double", DType.F64),
            Map.entry("float32", DType.F32), Map.entry("float", DType.F32),
            Map.entry("bfloat16", DType.BF16),
            Map.entry("float16", DType.F16), Map.entry("half", DType.F16),
            Map.entry("int64", DType.I64), Map.entry("long", DType.I64),
            Map.entry("int32", DType.I32), Map.entry("int", DType.I32),
            Map.entry("int16", DType.I16), Map.entry("short", DType.I16),
            Map.entry("int8", DType.I8), Map.entry("uint8", DType.U8), Map.entry("bool", DType.BOOL));

    private static final Map<String, DType> STORAGES = Map.of(
            "Double", DType.F64, "Float", DType.F32, "BFloat16", DType.BF16, "Half", DType.F16, "Long", DType.I64,
            "Int", DType.I32, "Short", DType.I16, "Char", DType.I8, "Byte", DType.U8, "Bool", DType.BOOL);

    /// What `module.name` stands for, or null if it is not allowed.
    static Global find(String module, String name) {
        String full = module + "." + name;
        if (CONSTRUCTORS.containsKey(full)) {
            return CONSTRUCTORS.get(full);
        }
        if (full.equals("torch.storage.UntypedStorage") || full.equals("torch.UntypedStorage")) {
            return new StorageType(DType.U8);
        }
        if (!module.equals("torch")) {
            return null;
        }
        if (SCALARS.containsKey(name)) {
            return new ScalarType(full, SCALARS.get(name));
        }
        DType stored = name.endsWith("Storage") ? STORAGES.get(name.substring(0, name.length() - 7)) : null;
        return stored == null ? null : new StorageType(stored);
    }

    /// Name of a value's type for messages, as Python calls it.
    static String typeName(Object value) {
        return switch (value) {
            case null -> "None";
            case String _ -> "a string";
            case Boolean _ -> "a bool";
            case Number _ -> "a number";
            case List<?> _ -> "a list or tuple";
            case Map<?, ?> _ -> "a dict";
            case TensorRef _ -> "a tensor";
            case StorageRef _ -> "a storage";
            default -> value.toString().toLowerCase(Locale.ROOT);
        };
    }
}
