package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;

/// An opened file of named tensors. Its segments and tensors are valid until [#close].
public sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, TorchFile {
    /// Where the file is.
    Path path();

    /// The names of all tensors, in the order of the file.
    Set<String> names();

    /// All tensors, in the order of the file.
    Collection<TensorInfo> infos();

    /// What the file says about one tensor.
    ///
    /// @throws FormatException if there is no tensor of that name; the message lists similar names
    TensorInfo info(String name);

    /// The elements row after row, little-endian, read-only; a slice of the mapped file wherever the file has them in
    /// that order.
    ///
    /// @throws FormatException if there is no tensor of that name
    MemorySegment bytes(String name);

    /// The tensor on a device, adopted without a copy where the device is the host.
    ///
    /// @throws FormatException if there is no tensor of that name
    Tensor load(Backend backend, String name);

    /// Unmaps the file. No tensor of it may be used afterwards.
    @Override
    void close();
}
