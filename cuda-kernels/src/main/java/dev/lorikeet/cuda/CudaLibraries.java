package dev.lorikeet.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Where NVIDIA's libraries lie on a machine. Many have no toolkit, only what the wheels of a Python package brought.
///
/// In this order: the folders of `LORIKEET_CUDA_LIBRARIES`; the toolkit of `CUDA_HOME` or `CUDA_PATH`;
/// `LD_LIBRARY_PATH`; `/usr/local/cuda*`; the folders that the system's loader is configured with;
/// `site-packages/nvidia/*/lib` of the active environment and of every `python3` on the `PATH`.
final class CudaLibraries {
    /// A library's file and its version: 13 of `libcublas.so.13`.
    record Found(Path file, int major) {}

    private static final List<Integer> MAJORS = List.of(13, 12);

    /// How many links in a row are followed.
    private static final int LINKS = 10;

    private final List<Path> folders;

    private CudaLibraries(List<Path> folders) {
        this.folders = folders;
    }

    /// @param environment variables of the process
    /// @param root        `/`, or what takes its place in a test
    static CudaLibraries of(Map<String, String> environment, Path root) {
        Set<Path> folders = new LinkedHashSet<>(paths(environment.get("LORIKEET_CUDA_LIBRARIES")));
        for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
            paths(environment.get(variable)).forEach(home -> toolkit(home, folders));
        }
        folders.addAll(paths(environment.get("LD_LIBRARY_PATH")));
        children(root.resolve("usr/local"), "cuda").forEach(home -> toolkit(home, folders));
        folders.add(root.resolve("usr/lib/x86_64-linux-gnu"));
        folders.add(root.resolve("usr/lib64"));
        children(root.resolve("etc/ld.so.conf.d"), "").forEach(file -> configured(file, root, folders));
        for (Path prefix : pythons(environment, root)) {
            for (Path python : children(prefix.resolve("lib"), "python3")) {
                for (String packages : List.of("site-packages", "dist-packages")) {
                    children(python.resolve(packages).resolve("nvidia"), "")
                            .forEach(wheel -> folders.add(wheel.resolve("lib")));
                }
            }
        }
        return new CudaLibraries(folders.stream().filter(Files::isDirectory).toList());
    }

    private static void toolkit(Path home, Set<Path> folders) {
        folders.add(home.resolve("lib64"));
        folders.add(home.resolve("targets/x86_64-linux/lib"));
        folders.add(home.resolve("lib"));
    }

    private static void configured(Path file, Path root, Set<Path> folders) {
        try (Stream<String> lines = Files.lines(file)) {
            lines.map(String::strip).filter(line -> line.startsWith("/"))
                    .forEach(line -> folders.add(root.resolve(line.substring(1))));
        } catch (IOException | UncheckedIOException e) {
            return;   // what cannot be read says nothing
        }
    }

    private static Set<Path> pythons(Map<String, String> environment, Path root) {
        Set<Path> prefixes = new LinkedHashSet<>(paths(environment.get("VIRTUAL_ENV")));
        prefixes.addAll(paths(environment.get("CONDA_PREFIX")));
        paths(environment.get("HOME")).forEach(home -> prefixes.add(home.resolve(".local")));
        for (Path folder : paths(environment.get("PATH"))) {
            Path python = folder.resolve("python3");
            if (Files.exists(python)) {
                addPrefixes(python.toAbsolutePath(), prefixes);
            }
        }
        prefixes.add(root.resolve("usr"));
        prefixes.add(root.resolve("usr/local"));
        return prefixes;
    }

    /// Of a Python and of all that it is a link to: an environment's is a link to that of the system, and the one on
    /// the `PATH` may be a link to an environment's.
    private static void addPrefixes(Path python, Set<Path> prefixes) {
        Path link = python;
        for (int links = 0; links < LINKS; links++) {
            Path folder = link.getParent();
            prefixes.add(folder.resolveSibling("").normalize());
            try {
                prefixes.add(folder.toRealPath().getParent());
                if (!Files.isSymbolicLink(link)) {
                    return;
                }
                link = folder.resolve(Files.readSymbolicLink(link)).normalize();
            } catch (IOException e) {
                return;   // gone meanwhile
            }
        }
    }

    private static List<Path> paths(String variable) {
        if (variable == null) {
            return List.of();
        }
        return Stream.of(variable.split(":")).filter(path -> !path.isBlank()).map(Path::of).toList();
    }

    /// Entries of a folder whose names begin with `prefix`, the last in the alphabet first: newer versions.
    private static List<Path> children(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> sorted = new ArrayList<>(
                    entries.filter(entry -> entry.getFileName().toString().startsWith(prefix)).sorted().toList());
            return sorted.reversed();
        } catch (IOException e) {
            return List.of();
        }
    }

    /// The newest `lib<stem>.so.<major>` that a driver for CUDA `newest` can serve.
    Optional<Found> find(String stem, int newest) {
        for (int major : MAJORS) {
            if (major <= newest) {
                Optional<Path> file = file("lib%s.so.%d".formatted(stem, major));
                if (file.isPresent()) {
                    return Optional.of(new Found(file.get(), major));
                }
            }
        }
        return Optional.empty();
    }

    /// Files beside a library whose names begin with `lib<stem>.so.<its major version>`.
    static List<Path> beside(Found found, String stem) {
        return children(found.file().toAbsolutePath().getParent(), "lib%s.so.%d".formatted(stem, found.major()));
    }

    /// The first file of that name.
    Optional<Path> file(String name) {
        return folders.stream().map(folder -> folder.resolve(name)).filter(Files::exists).findFirst();
    }

    /// Why `find` found nothing, in one clause.
    String missing(String stem, int newest) {
        return "no lib%s.so.%s was found in %s (LORIKEET_CUDA_LIBRARIES may name its folder)".formatted(stem,
                newest >= 13 ? "13 and no lib%s.so.12".formatted(stem) : "12",
                folders.isEmpty() ? "any usual folder" : folders);
    }
}
