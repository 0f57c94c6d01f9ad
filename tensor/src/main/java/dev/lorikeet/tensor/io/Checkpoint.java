package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The tensors of a model or adapter, wherever its directory keeps them: one safetensors file, one PyTorch file, or
/// either in shards with an index.
///
/// ```java
/// try (Checkpoint checkpoint = Checkpoint.open(Path.of("gpt2"))) {
///     Tensor wte = checkpoint.load(backend, "transformer.wte.weight");
/// }
/// ```
///
/// Tensors live as long as the checkpoint is open.
public final class Checkpoint implements AutoCloseable {
    /// What is looked for in a directory; the first that is there is taken.
    public static final List<String> FILE_NAMES = List.of(
            "model.safetensors",
            "model.safetensors.index.json",
            "pytorch_model.bin",
            "pytorch_model.bin.index.json",
            "adapter_model.safetensors",
            "adapter_model.bin");

    private final Path path;
    private final List<TensorFile> files;
    private final Map<String, TensorFile> owners;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();

    private Checkpoint(Path path, List<TensorFile> files, Map<String, TensorFile> owners) {
        this.path = path;
        this.files = files;
        this.owners = owners;
        owners.forEach((name, file) -> infos.put(name, file.info(name)));
    }

    /// Opens a directory, a safetensors or PyTorch file of any name, or an index of shards.
    ///
    /// @throws FormatException              if there is nothing of the kind (the message lists what was looked for), or
    ///                                      a file is not well formed
    /// @throws java.io.UncheckedIOException if a file cannot be read
    public static Checkpoint open(Path directoryOrFile) {
        Path file = Files.isDirectory(directoryOrFile) ? find(directoryOrFile) : directoryOrFile;
        List<TensorFile> opened = new ArrayList<>();
        try {
            Map<String, TensorFile> owners = new LinkedHashMap<>();
            if (isIndex(file.getFileName().toString())) {
                ShardIndex index = ShardIndex.read(file);
                Map<Path, TensorFile> shards = new LinkedHashMap<>();
                index.shards().forEach(shard -> {
                    opened.add(openFile(shard));
                    shards.put(shard, opened.getLast());
                });
                index.shardOf().forEach((name, shard) -> owners.put(name, shards.get(shard)));
            } else {
                opened.add(openFile(file));
                opened.getFirst().names().forEach(name -> owners.put(name, opened.getFirst()));
            }
            return new Checkpoint(file, opened, owners);
        } catch (RuntimeException | Error e) {
            opened.forEach(TensorFile::close);
            throw e;
        }
    }

    /// Whether a file of that name lists the shards of a checkpoint.
    public static boolean isIndex(String fileName) {
        return fileName.endsWith(".index.json");
    }

    /// The names of the shards that an index lists, each once, whether they are there or not.
    ///
    /// @param index   what errors call it
    /// @param content its bytes
    /// @throws FormatException if it is not an index, or names a file that is not beside it
    public static List<String> shardNames(Path index, byte[] content) {
        return ShardIndex.parse(index, content).shards().stream().map(shard -> shard.getFileName().toString()).toList();
    }

    /// Whether weights that are there are whole: a single file is, an index if every shard that it lists is there, too.
    ///
    /// @throws FormatException if it is not an index
    public static boolean isWhole(Path file) {
        return !isIndex(file.getFileName().toString())
                || ShardIndex.of(file).shards().stream().allMatch(Files::isRegularFile);
    }

    private static Path find(Path directory) {
        return FILE_NAMES.stream().map(directory::resolve).filter(Files::isRegularFile).findFirst()
                .orElseThrow(() -> new FormatException(directory, null, "one of " + String.join(", ", FILE_NAMES),
                        "none", "Give the directory of a model or adapter, or the file itself."));
    }

    /// Tells the formats apart by their first bytes: a safetensors file starts with a length whose high bytes are zero.
    private static TensorFile openFile(Path file) {
        boolean torch;
        try (MappedFile mapped = MappedFile.open(file)) {
            long start = mapped.size() < 8 ? 0 : mapped.getLong(0);
            torch = (start & 0xffffffffL) == 0x04034b50L || ((start & 0xff) == 0x80 && (start >>> 40) != 0);
            boolean tensors = start > 0 && start < mapped.size();
            if (!torch && !tensors && !file.toString().endsWith(".safetensors")) {
                throw new FormatException(file, null, "a file of tensors (safetensors, or written by torch.save)",
                        "neither", mapped.looksLike());
            }
        }
        return torch ? TorchFile.open(file) : SafetensorsFile.open(file);
    }

    /// The file or index that was opened.
    public Path path() {
        return path;
    }

    /// The opened files, one or the shards.
    public List<TensorFile> files() {
        return Collections.unmodifiableList(files);
    }

    /// The names of all tensors, in the order of the file or index.
    public Set<String> names() {
        return Collections.unmodifiableSet(infos.keySet());
    }

    /// All tensors, in the order of the file or index.
    public Collection<TensorInfo> infos() {
        return Collections.unmodifiableCollection(infos.values());
    }

    /// What the checkpoint says about one tensor.
    ///
    /// @throws FormatException if there is no tensor of that name; the message lists similar names
    public TensorInfo info(String name) {
        return NamedTensors.require(path, infos, name);
    }

    /// The elements row after row, little-endian, read-only.
    ///
    /// @throws FormatException if there is no tensor of that name
    public MemorySegment bytes(String name) {
        return NamedTensors.require(path, owners, name).bytes(name);
    }

    /// The tensor on a device, without a copy where the device is the host.
    ///
    /// @throws FormatException if there is no tensor of that name
    public Tensor load(Backend backend, String name) {
        return NamedTensors.require(path, owners, name).load(backend, name);
    }

    /// Unmaps the files. No tensor of them may be used afterwards.
    @Override
    public void close() {
        files.forEach(TensorFile::close);
    }
}
