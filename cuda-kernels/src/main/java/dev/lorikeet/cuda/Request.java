package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Something that was asked of a device, so that it can be compared with what is asked later and asked again. Two
/// requests are equal if the device would do the same, but for the bytes that an upload brings.
sealed interface Request {
    /// Asks for it.
    void ask(Launcher launcher, Blas blas, DeviceMemory memory, Arguments scratch);

    record Launch(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments.Copy arguments)
            implements Request {
        @Override
        public void ask(Launcher launcher, Blas blas, DeviceMemory memory, Arguments scratch) {
            launcher.launch(kernel, x, y, threads, sharedBytes, scratch.restore(arguments));
        }

        @Override
        public String toString() {
            return "kernel %s with %s in %d x %d blocks of %d threads".formatted(kernel, arguments.operands(), x, y,
                    threads);
        }
    }

    record Product(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta,
            boolean tensorFloat) implements Request {
        @Override
        public void ask(Launcher launcher, Blas blas, DeviceMemory memory, Arguments scratch) {
            blas.gemm(c, a, transposeA, b, transposeB, alpha, beta, tensorFloat);
        }
    }

    /// @param bytes memory of the host that stays where it is; what counts is what is in it when the request is carried
    ///              out
    record Upload(long address, MemorySegment bytes) implements Request {
        @Override
        public void ask(Launcher launcher, Blas blas, DeviceMemory memory, Arguments scratch) {
            memory.upload(address, bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Upload upload && upload.address == address
                    && upload.bytes.address() == bytes.address() && upload.bytes.byteSize() == bytes.byteSize();
        }

        @Override
        public int hashCode() {
            return Long.hashCode(address);
        }

        @Override
        public String toString() {
            return "an upload of %d bytes to %x".formatted(bytes.byteSize(), address);
        }
    }
}
