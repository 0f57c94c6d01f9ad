package dev.lorikeet.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Stand-ins for NVIDIA's libraries, so that everything on this side of them runs where there is no GPU: JCuda's
/// natives, relinked where they must be, the driver's and cuBLAS's calls with their real arguments, pinned memory,
/// events, graphs. What they compute is computed by the kernels that [HostCompiler] makes. See `standin/standin.h` for
/// what they refuse.
final class StandIns {
    private static final List<String> FLAGS =
            List.of("g++", "-std=c++17", "-O1", "-fPIC", "-shared", "-fvisibility=hidden");

    private StandIns() {}

    /// Those of CUDA `major`, in a folder of their own.
    static Path folder(int major) throws IOException {
        Path folder = HostCompiler.folder().resolve("cuda-" + major).toAbsolutePath();
        Files.createDirectories(folder);
        library(folder, "standin_driver.cpp", "libcuda.so.1", List.of("-ldl"));
        List<String> driver = List.of("-L" + folder, "-l:libcuda.so.1");
        library(folder, "standin_cublas.cpp", "libcublas.so." + major, driver);
        library(folder, "standin_nvrtc.cpp", "libnvrtc.so." + major, List.of());
        return folder;
    }

    /// With versions of symbols, as NVIDIA's have them but for the driver's.
    private static void library(Path folder, String source, String name, List<String> more) throws IOException {
        Path file = SourceFiles.folderOf("standin/standin.h").resolve(source);
        Path versions = folder.resolve(name + ".map");
        Files.writeString(versions, name.startsWith("libcuda.") ? "{ global: *; };" : name + " { global: *; };");
        List<String> command = new ArrayList<>(FLAGS);
        command.addAll(List.of("-Wl,-soname," + name, "-Wl,--version-script=" + versions, file.toString(), "-o",
                folder.resolve(name).toString()));
        command.addAll(more);
        HostCompiler.run(command);
    }

    /// What a process needs to find them instead of anything else.
    static Map<String, String> environment(int major) throws IOException {
        String folder = folder(major).toString();
        return Map.of("LD_LIBRARY_PATH", folder, "LORIKEET_CUDA_LIBRARIES", folder,
                "LORIKEET_STANDIN_CUDA", "%d000".formatted(major),
                "LORIKEET_STANDIN_KERNELS", HostCompiler.library().toString());
    }
}
