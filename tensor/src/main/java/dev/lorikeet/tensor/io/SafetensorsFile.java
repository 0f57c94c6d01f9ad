package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/// A safetensors file: `u64 N (little-endian) | N bytes of JSON | data`. Mapped; nothing but the header is read before
/// a tensor is used.
///
/// The header is refused for what the reference implementation refuses it (`safetensors/src/tensor.rs`), and for
/// duplicate keys as the format's description demands.
public final class SafetensorsFile implements TensorFile {
    private final MappedFile file;
    private final SafetensorsHeader header;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
        this.file = file;
        this.header = header;
    }

    /// Maps a file and checks its header.
    ///
    /// @throws FormatException              if the file is missing or not well formed
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static SafetensorsFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return new SafetensorsFile(file, SafetensorsHeader.read(file));
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return file.path();
    }

    /// The texts under `__metadata__`; empty if there are none.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    @Override
    public Collection<TensorInfo> infos() {
        return header.tensors().values();
    }

    @Override
    public TensorInfo info(String name) {
        return NamedTensors.require(file.path(), header.tensors(), name);
    }

    @Override
    public MemorySegment bytes(String name) {
        TensorInfo info = info(name);
        return file.bytes().asSlice(info.begin(), info.end() - info.begin());
    }

    @Override
    public Tensor load(Backend backend, String name) {
        TensorInfo info = info(name);
        return backend.adopt(bytes(name), info.dtype(), info.shape());
    }

    @Override
    public void close() {
        file.close();
    }
}
