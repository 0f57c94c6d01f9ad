package dev.lorikeet.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Compiles the `.cu` sources for the host with `g++` and `host_cuda.h`: one shared library with a `launch_…` function
/// for each kernel. It is kept under the name of its sources' hash and made again only when they change, and of its
/// parts only those that did.
final class HostCompiler {
    private static final Pattern KERNEL = Pattern.compile("LORIKEET_KERNEL\\s+void\\s+(\\w+)\\s*\\(");
    private static final List<String> FLAGS =
            List.of("-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden", "-Wno-attributes");

    /// Remembered, so that thousands of tests do not try again.
    private static UncheckedIOException failure;

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
    static synchronized Path library() {
        if (failure != null) {
            throw failure;
        }
        try {
            Path library = folder().resolve("libkernels.so").toAbsolutePath();
            if (!Files.exists(library)) {
                Files.createDirectories(folder());
                Files.move(build(folder()), library);
            }
            return library;
        } catch (IOException e) {
            failure = new UncheckedIOException(e);
        } catch (UncheckedIOException e) {
            failure = e;
        }
        throw failure;
    }

    /// Where what is made of the present sources is kept.
    static Path folder() throws IOException {
        return SourceFiles.target().resolve("compiled").resolve(hash());
    }

    /// Everything that the backend compiles, in order of the names; sources that leave the head size open for
    /// `headSizes`.
    static List<Unit> units(int... headSizes) throws IOException {
        List<Unit> units = new ArrayList<>();
        for (String source : sourcesBeside("common.cuh")) {
            if (source.startsWith("attention_mma")) {
                for (int size : headSizes) {
                    units.add(new Unit(source, List.of("INPUT=Bf16", "HEAD_SIZE=" + size)));
                    units.add(new Unit(source, List.of("INPUT=Tf32", "HEAD_SIZE=" + size)));
                }
            } else {
                units.add(Unit.of(source));
            }
        }
        return units;
    }

    /// Names of all kernels of [#units], of the open head sizes only 64.
    static Set<String> entries() throws IOException {
        Set<String> entries = new TreeSet<>();
        for (Unit unit : units(64)) {
            Path file = Files.createTempFile(Files.createDirectories(folder()), unit.name(), ".cpp");
            Files.writeString(file, "#define __global__ LORIKEET_KERNEL\n" + text(unit));
            KERNEL.matcher(expanded(file)).results().forEach(found -> entries.add(found.group(1)));
            Files.delete(file);
        }
        return entries;
    }

    /// Names of `.cu` files, without their ending.
    private static List<String> sourcesBeside(String resource) throws IOException {
        try (Stream<Path> files = Files.list(SourceFiles.folderOf(resource))) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".cu")).sorted()
                    .map(name -> name.substring(0, name.length() - 3)).toList();
        }
    }

    /// Sources and headers.
    private static List<Path> filesBeside(String resource) throws IOException {
        try (Stream<Path> files = Files.list(SourceFiles.folderOf(resource))) {
            return files.filter(file -> file.toString().matches(".*\\.(cu|cuh|h|cpp)")).sorted().toList();
        }
    }

    /// Those of [#units], and the ones that only tests launch.
    private static List<Unit> allUnits() throws IOException {
        List<Unit> all = new ArrayList<>(units(16, 64, 80, 128));
        sourcesBeside("host_cuda.h").forEach(source -> all.add(Unit.of(source)));
        return all;
    }

    private static Path build(Path folder) throws IOException {
        List<Path> files = new ArrayList<>(List.of(SourceFiles.folderOf("host_cuda.cpp").resolve("host_cuda.cpp")));
        for (Unit unit : allUnits()) {
            files.add(file(folder, unit));
        }
        Path objects = parts();
        List<String> link = new ArrayList<>(List.of("g++", "-shared", "-o", folder.resolve("made.so").toString()));
        files.parallelStream().map(file -> object(objects, file)).forEachOrdered(object -> link.add(object.toString()));
        run(link);
        return folder.resolve("made.so");
    }

    /// Where what is made of a single unit is kept, under the hash of all that it was made of.
    static Path parts() throws IOException {
        return Files.createDirectories(SourceFiles.target().resolve("compiled").resolve("parts"));
    }

    /// A C++ file that takes in the source of `unit` and gives each of its kernels an entry.
    private static Path file(Path folder, Unit unit) throws IOException {
        Path file = folder.resolve(unit.name() + ".cpp");
        StringBuilder text = text(unit);
        Files.writeString(file, "#define __global__ LORIKEET_KERNEL\n" + text);
        KERNEL.matcher(expanded(file)).results().forEach(
                found -> text.append("LORIKEET_ENTRY(").append(found.group(1)).append(")\n"));
        Files.writeString(file, text);
        return file;
    }

    private static StringBuilder text(Unit unit) {
        StringBuilder text = new StringBuilder();
        unit.definitions().forEach(
                definition -> text.append("#define ").append(definition.replace('=', ' ')).append('\n'));
        return text.append("#include \"host_cuda.h\"\n#include \"%s.cu\"\n".formatted(unit.source()));
    }

    private static String expanded(Path file) throws IOException {
        return compile(List.of("-E", "-P", file.toString()));
    }

    /// The machine code of `file`, made anew only if anything in it has changed.
    private static Path object(Path objects, Path file) {
        try {
            String name = file.getFileName().toString();
            Path object = objects.resolve("%s-%s.o".formatted(name.substring(0, name.length() - 4),
                    hash(List.of(FLAGS.toString().getBytes(), expanded(file).getBytes()))));
            if (!Files.exists(object)) {
                Path made = Files.createTempFile(objects, name, ".made");
                compile(List.of("-c", file.toString(), "-o", made.toString()));
                Files.move(made, object, StandardCopyOption.ATOMIC_MOVE);
            }
            return object;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        List<byte[]> parts = new ArrayList<>();
        parts.add(FLAGS.toString().getBytes());
        parts.add(allUnits().toString().getBytes());
        List<Path> files = new ArrayList<>(filesBeside("common.cuh"));
        files.addAll(filesBeside("host_cuda.h"));
        for (Path file : files) {
            parts.add(Files.readAllBytes(file));
        }
        return hash(parts);
    }

    static String hash(List<byte[]> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            parts.forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
