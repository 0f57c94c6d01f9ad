package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.PickleObjects.ScalarType;
import dev.lorikeet.tensor.io.PickleObjects.TensorRef;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A checkpoint of `torch.save`: the zip archive of PyTorch 1.6 and later or the format before. Mapped; the pickle
/// inside is read by a machine that builds tensors and plain data only and runs nothing.
///
/// Names are the keys of the state dict. A state dict under the key `model_state_dict` or `state_dict` is found there;
/// what stands beside it is among the [#extras].
///
/// Tensors that share a storage in the file share it in memory (tied weights). A view whose elements do not lie row
/// after row, such as a saved transposition, is copied once into that order when it is first used.
public final class TorchFile implements TensorFile {
    /// Copies of strided views may take this many bytes even if the file is smaller.
    private static final long COPIES_ALWAYS_ALLOWED = 64 << 20;

    /// @param memory which part of the file: the key of a storage or [TorchView#elements]
    private record Adopted(Backend backend, Object memory) {}

    private final MappedFile file;
    private final Map<String, TorchView> views;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final Map<String, Object> extras;
    private final Set<String> sharedStorages = new HashSet<>();
    private final Map<Object, MemorySegment> copies = new HashMap<>();
    private final Map<Adopted, Storage> adopted = new HashMap<>();

    private TorchFile(MappedFile file, Map<String, TorchView> views, Map<String, Object> extras) {
        this.file = file;
        this.views = views;
        this.extras = Collections.unmodifiableMap(extras);
        Set<String> storages = new HashSet<>();
        views.forEach((name, view) -> {
            infos.put(name, view.info());
            if (!storages.add(view.key())) {
                sharedStorages.add(view.key());
            }
        });
        checkCopies();
    }

    /// A view can repeat elements (stride 0), so that a small file could ask for any amount of memory.
    private void checkCopies() {
        long allowed = Math.max(2 * file.size(), COPIES_ALWAYS_ALLOWED);
        Set<Object> seen = new HashSet<>();
        for (TorchView view : views.values()) {
            if (!view.isContiguous() && seen.add(view.elements())) {
                if (view.info().bytes() > allowed) {
                    throw new FormatException(file.path(), view.info().name(),
                            "views that take not much more memory than the file's " + file.size() + " bytes",
                            view.info() + " with strides " + view.stride(), "Save tensor.clone() instead of the view.");
                }
                allowed -= view.info().bytes();
            }
        }
    }

    /// Maps a file and checks every tensor in it.
    ///
    /// @throws FormatException              if the file is missing, damaged, or holds more than tensors and plain data
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static TorchFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            TorchContents contents = TorchContents.read(file);
            TorchTree tree = TorchTree.of(path, contents.root());
            Map<String, TorchView> views = new LinkedHashMap<>();
            tree.tensors().forEach((name, ref) -> views.put(name, TorchView.checked(path, name, ref, contents)));
            Map<String, Object> extras = new LinkedHashMap<>();
            tree.extras().forEach((name, value) -> extras.put(name, plain(path, name, value, contents)));
            return new TorchFile(file, views, extras);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static Object plain(Path path, String name, Object value, TorchContents contents) {
        return switch (value) {
            case TensorRef tensor -> TorchView.checked(path, name, tensor, contents).info();
            case ScalarType type -> type.name();
            case null -> null;
            case String text -> text;
            case Number number -> number;
            case Boolean bool -> bool;
            case Collection<?> _ -> List.of();
            case Map<?, ?> _ -> Map.of();
            default -> throw new FormatException(path, name, "tensors and plain data in the pickle",
                    PickleObjects.typeName(value), null);
        };
    }

    @Override
    public Path path() {
        return file.path();
    }

    /// What the file holds besides the tensors of the state dict, by name: `String`, `Long`, `BigInteger`, `Double`,
    /// `Boolean`, null, empty lists and maps, and [TensorInfo] for tensors outside of the state dict. Attributes of
    /// dicts (`_metadata`, the versions of PyTorch's layers) are not kept.
    public Map<String, Object> extras() {
        return extras;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(infos.keySet());
    }

    @Override
    public Collection<TensorInfo> infos() {
        return Collections.unmodifiableCollection(infos.values());
    }

    @Override
    public TensorInfo info(String name) {
        return NamedTensors.require(file.path(), infos, name);
    }

    @Override
    public MemorySegment bytes(String name) {
        TensorInfo info = info(name);
        TorchView view = views.get(name);
        return view.isContiguous() ? file.bytes().asSlice(info.begin(), info.bytes()) : copy(view);
    }

    @Override
    public Tensor load(Backend backend, String name) {
        TensorInfo info = info(name);
        TorchView view = views.get(name);
        if (!sharedStorages.contains(view.key())) {
            return backend.adopt(bytes(name), info.dtype(), info.shape());
        }
        if (!view.isContiguous()) {
            return Tensor.of(adoptOnce(backend, view.elements(), view, copy(view), info.shape()), info.dtype(),
                    info.shape());
        }
        long elements = view.storage().length() / info.dtype().bytes();
        MemorySegment whole = file.bytes().asSlice(view.storage().begin(), elements * info.dtype().bytes());
        Storage storage = adoptOnce(backend, view.key(), view, whole, storageShape(view, elements));
        long offset = (info.begin() - view.storage().begin()) / info.dtype().bytes();
        return new Tensor(storage, info.dtype(), info.shape(), offset, info.shape().cols());
    }

    @Override
    public void close() {
        file.close();
    }

    /// The elements of a strided view row after row; made once.
    private synchronized MemorySegment copy(TorchView view) {
        return copies.computeIfAbsent(view.elements(), _ -> {
            MemorySegment copy = file.arena().allocate(view.info().bytes(), 64);
            view.copyTo(copy, file.bytes());
            return copy.asReadOnly();
        });
    }

    private synchronized Storage adoptOnce(
            Backend backend, Object memory, TorchView view, MemorySegment bytes, Shape shape) {
        return adopted.computeIfAbsent(new Adopted(backend, memory),
                _ -> backend.adopt(bytes, view.info().dtype(), shape).storage());
    }

    /// A shape for all elements of a shared storage; one row, or rows like the view's where that would be too long.
    private Shape storageShape(TorchView view, long elements) {
        if (elements <= Integer.MAX_VALUE) {
            return Shape.of((int) elements);
        }
        int cols = view.info().shape().cols();
        if (elements % cols != 0 || elements / cols > Integer.MAX_VALUE) {
            throw new FormatException(file.path(), view.info().name(), "a shared storage of whole rows of " + cols,
                    elements + " elements", "Save tensor.clone() instead of the view.");
        }
        return Shape.of((int) (elements / cols), cols);
    }
}
