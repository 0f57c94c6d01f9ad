package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import jcuda.JCudaVersion;
import jcuda.Pointer;
import jcuda.jcurand.JCurand;
import jcuda.jcurand.curandGenerator;
import jcuda.jcurand.curandOrdering;
import jcuda.jcurand.curandRngType;
import jcuda.jcurand.curandStatus;

/// NVIDIA's own Philox 4x32-10, by JCurand: a witness that ours is the generator that it says to be.
///
/// Its words cannot take the place of ours. Our element `i` of a stream is word `i mod 4` of block `i div 4` of that
/// stream, so that a tensor needs one stream. cuRAND deals blocks out to 65536 streams in turns: its word `i` is word
/// `i mod 4` of block `b div 65536` of stream `b mod 65536` with `b = i div 4`, under the seed as the key. A tensor
/// drawn by it would need all its streams, and a further pass to turn words into numbers: 12 bytes of traffic per
/// element where our kernel needs 4. So every number that is drawn comes from our own kernels.
final class Curand implements AutoCloseable {
    /// Streams that blocks are dealt out to.
    private static final int STREAMS = 65536;
    /// The version that JCurand's native library was last built for.
    private static final String BUILT = "11.8.0";

    private final curandGenerator generator = new curandGenerator();

    private Curand(boolean onDevice, int ordering, long seed) {
        check(onDevice ? JCurand.curandCreateGenerator(generator, curandRngType.CURAND_RNG_PSEUDO_PHILOX4_32_10)
                : JCurand.curandCreateGeneratorHost(generator, curandRngType.CURAND_RNG_PSEUDO_PHILOX4_32_10),
                "a generator");
        check(JCurand.curandSetGeneratorOrdering(generator, ordering), "its ordering");
        check(JCurand.curandSetPseudoRandomGeneratorSeed(generator, seed), "its seed");
    }

    /// Loads cuRAND and JCurand.
    ///
    /// @return why that cannot be; empty if it is done
    @SuppressWarnings("restricted")
    static Optional<String> refusal() throws IOException {
        Optional<Path> library = CudaLibraries.of(System.getenv(), Path.of("/")).file("libcurand.so.10");
        if (library.isEmpty()) {
            return Optional.of("no libcurand.so.10 was found where CUDA's libraries usually are");
        }
        System.load(library.get().toAbsolutePath().toString());
        stage(Path.of(System.getProperty("java.io.tmpdir")));
        JCurand.setExceptionsEnabled(false);
        JCurand.initialize();
        return Optional.empty();
    }

    /// JCurand asks JCuda for its version and looks for a native library of that one, which was never built. The last
    /// one that was works: the library that it needs has had the same name since.
    static Path stage(Path folder) throws IOException {
        Path staged = folder.resolve("libJCurand-%s-linux-x86_64.so".formatted(JCudaVersion.get()));
        String resource = "/lib/libJCurand-%s-linux-x86_64.so".formatted(BUILT);
        try (InputStream built = Curand.class.getResourceAsStream(resource)) {
            Path made = Files.createTempFile(folder, "libJCurand", ".made");
            Files.copy(built, made, StandardCopyOption.REPLACE_EXISTING);
            return Files.move(made, staged, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// A generator on the processor; a library of cuRAND is enough.
    static Curand onHost(int ordering, long seed) {
        return new Curand(false, ordering, seed);
    }

    /// A generator on the current device.
    static Curand onDevice(int ordering, long seed) {
        return new Curand(true, ordering, seed);
    }

    /// Writes `count` random words.
    void words(Pointer to, long count) {
        check(JCurand.curandGenerate(generator, to, count), "random words");
    }

    /// What its word `i` should be: see above.
    static int expected(long seed, long i) {
        long block = i / 4;
        return Philox.word(new RandomKey(seed, block % STREAMS), block / STREAMS * 4 + i % 4);
    }

    /// Orderings by name; both are to be the one above.
    static int ordering(String name) {
        return name.equals("legacy")
                ? curandOrdering.CURAND_ORDERING_PSEUDO_LEGACY : curandOrdering.CURAND_ORDERING_PSEUDO_DEFAULT;
    }

    private static void check(int status, String what) {
        if (status != curandStatus.CURAND_STATUS_SUCCESS) {
            throw new LaunchFailed("cuRAND does not give %s: %s".formatted(what, curandStatus.stringFor(status)));
        }
    }

    @Override
    public void close() {
        JCurand.curandDestroyGenerator(generator);
    }
}
