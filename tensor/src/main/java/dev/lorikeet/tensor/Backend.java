package dev.lorikeet.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// A device: its memory and its [Kernels]. Opened once, used by any number of models, closed last.
public interface Backend extends AutoCloseable {
    Device device();

    /// The arithmetic of this device.
    Kernels kernels();

    /// One line for people: processor, vector width, threads, memory.
    String description();

    /// New, uninitialised storage that lives until [#free] or until the backend closes. Aligned to 64 bytes at least.
    ///
    /// @throws OutOfDeviceMemory if the device has no room
    Storage allocate(long bytes);

    /// Gives back a storage of [#allocate]. Nothing may use it afterwards.
    void free(Storage storage);

    /// Told by a [Pool] that it has taken `storage` back: whatever it holds is garbage from now on. Does nothing,
    /// except in a backend that looks for reads of garbage.
    default void recycled(Storage storage) {}

    /// Copies host bytes into `dst` (contiguous, `dst.bytes() == src.byteSize()`).
    void upload(Tensor dst, MemorySegment src);

    /// Copies `src` (contiguous) into host bytes.
    void download(MemorySegment dst, Tensor src);

    /// A tensor over host bytes that stay valid as long as the model does, such as a mapped file: zero copy where the
    /// device is the host, an upload elsewhere.
    Tensor adopt(MemorySegment bytes, DType dtype, Shape shape);

    /// `matrix`, which is frozen, in the layout that this backend's products read fastest: the same numbers, shape and
    /// element type. Only `b` of [Kernels#gemm], `table` of [Kernels#gatherRows], `w` of the losses, `src` of
    /// [Kernels#copy] and [#download] take the result, as a whole and not in slices. `matrix` must not be used
    /// afterwards: its memory is given back where this backend allocated it. Backends without such a layout return
    /// `matrix` itself.
    ///
    /// @param transposed whether forward products read `op(b) = matrixᵀ`, so that its rows are outputs
    default Tensor pack(Tensor matrix, boolean transposed) {
        return matrix;
    }

    /// Whether this device captures the kernels of a step as a graph and replays it when a later step asks for exactly
    /// the same ([#replay]). Batches are then [padded][Sequences#padded] to few shapes, and step memory has the same
    /// addresses in every step of a shape ([Pool]).
    default boolean capturesGraphs() {
        return false;
    }

    /// Does `work`, a part of a training step that asks this device for the same kernels on the same memory whenever
    /// `shape` is equal, as far as the caller can tell. A device that [captures graphs][#capturesGraphs] may hold
    /// requests back until `work` returns or wants a result, and replay the graph of an earlier call with the same
    /// requests; what they compute is the same. Other devices just run `work`.
    ///
    /// @param shape  what the requests depend on: numbers of rows, lengths of sequences, constants
    /// @param random the first of the step's 2²⁰ random streams, which differ from step to step; null for none
    default void replay(Object shape, RandomKey random, Runnable work) {
        work.run();
    }

    /// Share of the calls of [#replay] so far that were replayed from graphs as a whole; empty where no graphs are
    /// captured.
    default OptionalDouble replayedShare() {
        return OptionalDouble.empty();
    }

    /// Waits until everything asked for has been done.
    void synchronize();

    /// Bytes that kernels keep for their own use, such as packed panels.
    long workspaceBytes();

    /// The most bytes that have been taken from a device's own memory at once, the workspace included; empty where
    /// memory is the host's and its own tools tell.
    default OptionalLong peakBytes() {
        return OptionalLong.empty();
    }

    /// Seconds that the device takes for what `work` asks of it, by the device's own clock where it has one. What was
    /// asked for before is not counted, and need not have been done yet: on a device that works by itself, something
    /// long asked for beforehand keeps it busy while the host asks for `work`, so that asking is not counted either.
    default double seconds(Runnable work) {
        synchronize();
        long start = System.nanoTime();
        work.run();
        synchronize();
        return (System.nanoTime() - start) / 1e9;
    }

    /// Versions and places of what this device runs on, by name: what [#description] has no room for.
    default Map<String, String> details() {
        return Map.of();
    }

    /// Bytes of the device's memory that are taken, by whomever; empty where the device does not tell.
    default OptionalLong takenBytes() {
        return OptionalLong.empty();
    }

    /// A new tensor with storage of its own.
    default Tensor allocate(DType dtype, Shape shape) {
        return Tensor.of(allocate(shape.size() * dtype.bytes()), dtype, shape);
    }

    @Override
    void close();
}
