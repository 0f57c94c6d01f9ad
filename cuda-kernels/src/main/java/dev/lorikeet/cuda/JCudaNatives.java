package dev.lorikeet.cuda;

import dev.lorikeet.tensor.BackendUnavailable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/// Lets JCuda's natives meet the libraries of this machine.
///
/// JCuda looks for `libJCublas2-<version>-linux-x86_64.so` in the system's folder for temporary files and puts it there
/// itself if it is missing. What is put there first, then, is what JCuda loads: the same file, needing CUDA 13 where
/// that is what is installed. NVIDIA's own libraries are loaded beforehand, by their full path, so that it does not
/// matter whether the loader knows their folder.
final class JCudaNatives {
    /// What JCuda was linked with.
    static final int LINKED_MAJOR = 12;

    private final Path folder;
    private final String version;

    /// @param folder  where JCuda looks first: `java.io.tmpdir`
    /// @param version JCuda's own version
    JCudaNatives(Path folder, String version) {
        this.folder = folder;
        this.version = version;
    }

    /// True if the loader knows an NVIDIA driver.
    static boolean driverExists() {
        return loads("libcuda.so.1");
    }

    @SuppressWarnings("restricted")
    private static boolean loads(String library) {
        try {
            SymbolLookup.libraryLookup(library, Arena.global());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Prepares JCuda's `stem` (`JCublas2`) to be loaded with NVIDIA's `library` (`cublas`). Companions are libraries
    /// beside it that it asks for by name, when it is loaded (`cublasLt`) or later (`nvrtc-builtins`, whose name has
    /// the minor version too), and that the loader finds only if they are loaded already.
    void prepare(String stem, String library, CudaLibraries.Found found, List<String> companions) {
        for (String companion : companions) {
            CudaLibraries.beside(found, companion).forEach(JCudaNatives::load);
        }
        load(found.file());
        stage(stem, library, found.major());
    }

    private static void load(Path library) {
        if (!loads(library.toString())) {
            throw new BackendUnavailable("%s cannot be loaded; ldd says what it needs".formatted(library));
        }
    }

    /// The file that JCuda will load; other than in its jar only where the needed version is another one.
    Path stage(String stem, String library, int major) {
        String name = "lib%s-%s-linux-x86_64.so".formatted(stem, version);
        Path staged = folder.resolve(name);
        try (InputStream resource = JCudaNatives.class.getResourceAsStream("/lib/" + name)) {
            if (resource == null) {
                throw new BackendUnavailable("the class path has no %s: JCuda's natives are missing".formatted(name));
            }
            byte[] bytes = resource.readAllBytes();
            if (major != LINKED_MAJOR) {
                bytes = ElfRelink.relink(bytes, soname(library, LINKED_MAJOR), soname(library, major));
            }
            if (!Files.exists(staged) || !Arrays.equals(bytes, Files.readAllBytes(staged))) {
                Path made = Files.createTempFile(folder, name, ".made");
                Files.write(made, bytes);
                Files.move(made, staged, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return staged;
        } catch (IOException e) {
            throw new BackendUnavailable(("%s, which JCuda loads, cannot be put there: make %s writable, or choose "
                    + "another folder with -Djava.io.tmpdir").formatted(staged, folder), e);
        }
    }

    private static String soname(String library, int major) {
        return "lib%s.so.%d".formatted(library, major);
    }
}
