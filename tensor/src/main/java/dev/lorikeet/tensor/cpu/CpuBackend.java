package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Device;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The host as a fast device: Vector API kernels on a [ThreadTeam] of its own, memory outside the Java heap.
public final class CpuBackend implements Backend {
    /// Below this many elements a matrix stays in the first caches however it lies.
    private static final long WORTH_PACKING = 4096;

    private final HostMemory memory = new HostMemory();
    private final ThreadTeam team;
    private final CpuKernels kernels;

    /// Opens the host with `threads` threads, the calling one included; at least 1.
    public CpuBackend(int threads) {
        team = ThreadTeam.of(threads);
        kernels = new CpuKernels(team, memory);
    }

    @Override
    public Device device() {
        return new Device("cpu", 0);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public String description() {
        return "%s, vectors of %d bits, %d thread%s".formatted(System.getProperty("os.arch"),
                FloatVector.SPECIES_PREFERRED.vectorBitSize(), team.threads(), team.threads() == 1 ? "" : "s");
    }

    @Override
    public Storage allocate(long bytes) {
        return memory.allocate(bytes);
    }

    @Override
    public void free(Storage storage) {
        memory.free(storage instanceof PanelStorage packed ? packed.panels() : storage);
    }

    /// F32 matrices as panels of outputs; others stay as they are, since products widen them while packing.
    @Override
    public Tensor pack(Tensor matrix, boolean transposed) {
        if (matrix.dtype() != DType.F32 || matrix.size() < WORTH_PACKING) {
            return matrix;
        }
        Tensor packed = kernels.pack(matrix, transposed, memory);
        memory.release(matrix.storage());
        return packed;
    }

    @Override
    public void upload(Tensor dst, MemorySegment src) {
        HostMemory.upload(dst, src);
    }

    @Override
    public void download(MemorySegment dst, Tensor src) {
        if (src.storage() instanceof PanelStorage) {
            Tensor rows = allocate(src.dtype(), src.shape());
            kernels.copy(rows, src);
            HostMemory.download(dst, rows);
            free(rows.storage());
        } else {
            HostMemory.download(dst, src);
        }
    }

    /// The bytes themselves if they are aligned for `dtype`, else a copy: kernels rely on natural alignment.
    @Override
    public Tensor adopt(MemorySegment bytes, DType dtype, Shape shape) {
        return memory.adopt(bytes, dtype, shape);
    }

    /// Nothing to wait for: each kernel has finished when it returns.
    @Override
    public void synchronize() {}

    @Override
    public long workspaceBytes() {
        return kernels.workspaceBytes();
    }

    @Override
    public void close() {
        team.close();
        kernels.close();
        memory.close();
    }
}
