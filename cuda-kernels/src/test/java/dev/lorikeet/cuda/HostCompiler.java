package dev.lorikeet.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Compiles the `.cu` sources for the host with `g++` and `host_cuda.h`: one shared library with a `launch_…` function
/// for each kernel. It is kept under the name of its sources' hash and made again only when they change.
final class HostCompiler {
    private static final Pattern KERNEL = Pattern.compile("LORIKEET_KERNEL\\s+void\\s+(\\w+)\\s*\\(");
    private static final List<String> FLAGS =
            List.of("-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden", "-Wno-attributes");

    private HostCompiler() {}

    /// True if there is a `g++`, or whatever `program` is, to be called.
    static boolean available(String program) {
        try {
            run(List.of(program, "--version"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// The library, from the sources as they are.
    static Path library() {
        try {
            Path folder = folder();
            Path library = folder.resolve("libkernels.so").toAbsolutePath();
            if (!Files.exists(library)) {
                Files.createDirectories(folder);
                Path made = build(folder);
                Files.move(made, library);
            }
            return library;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where what is made of the present sources is kept.
    static Path folder() throws IOException {
        return SourceFiles.target().resolve("compiled").resolve(hash());
    }

    /// The `.cu` files of the backend, in order of their names.
    static List<Path> sources() throws IOException {
        return sourcesBeside("common.cuh");
    }

    private static List<Path> sourcesBeside(String resource) throws IOException {
        try (Stream<Path> files = Files.list(SourceFiles.folderOf(resource))) {
            return files.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
        }
    }

    /// Those, and the ones that only tests launch.
    private static List<Path> allSources() throws IOException {
        List<Path> all = new ArrayList<>(sources());
        all.addAll(sourcesBeside("host_cuda.h"));
        return all;
    }

    private static Path build(Path folder) throws IOException {
        List<String> link = new ArrayList<>(List.of("g++", "-shared", "-o", folder.resolve("made.so").toString()));
        List<String> units = new ArrayList<>();
        units.add(SourceFiles.folderOf("host_cuda.cpp").resolve("host_cuda.cpp").toString());
        for (Path source : allSources()) {
            units.add(unit(folder, source).toString());
        }
        List<String> objects = units.parallelStream().map(unit -> {
            String object = folder.resolve(Path.of(unit).getFileName() + ".o").toString();
            try {
                compile(List.of("-c", unit, "-o", object));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return object;
        }).toList();
        link.addAll(objects);
        run(link);
        return folder.resolve("made.so");
    }

    /// A C++ file that takes in `source` and gives each of its kernels an entry.
    private static Path unit(Path folder, Path source) throws IOException {
        Path unit = folder.resolve(source.getFileName().toString().replace(".cu", ".cpp"));
        String include = "#include \"host_cuda.h\"\n#include \"%s\"\n".formatted(source.getFileName());
        Files.writeString(unit, "#define __global__ LORIKEET_KERNEL\n" + include);
        String expanded = compile(List.of("-E", "-P", unit.toString()));
        StringBuilder text = new StringBuilder(include);
        KERNEL.matcher(expanded).results().forEach(
                found -> text.append("LORIKEET_ENTRY(").append(found.group(1)).append(")\n"));
        Files.writeString(unit, text);
        return unit;
    }

    private static String compile(List<String> what) throws IOException {
        List<String> command = new ArrayList<>(List.of("g++"));
        command.addAll(FLAGS);
        command.add("-I" + SourceFiles.folderOf("common.cuh"));
        command.add("-I" + SourceFiles.folderOf("host_cuda.h"));
        command.addAll(what);
        return run(command);
    }

    /// What `command` printed.
    ///
    /// @throws IOException if it cannot be started or does not end with 0; with what it printed
    static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + "\n" + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return output;
    }

    private static String hash() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(FLAGS.toString().getBytes());
            List<Path> files = new ArrayList<>(allSources());
            files.add(SourceFiles.folderOf("common.cuh").resolve("common.cuh"));
            files.add(SourceFiles.folderOf("host_cuda.h").resolve("host_cuda.h"));
            files.add(SourceFiles.folderOf("host_cuda.cpp").resolve("host_cuda.cpp"));
            for (Path file : files) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
