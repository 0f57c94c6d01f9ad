package dev.lorikeet.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// Compiled kernels, kept in files between runs. A file's name is the hash of all that decided its content: source,
/// header, compiler, version, architecture, options. So nothing in it is ever out of date, and it may be deleted at any
/// time.
final class KernelCache {
    private static final String HEADER = "common.cuh";

    private final Path folder;
    private final KernelCompiler compiler;

    KernelCache(Path folder, KernelCompiler compiler) {
        this.folder = folder;
        this.compiler = compiler;
    }

    /// Where the user's caches belong.
    static Path usualFolder(Map<String, String> environment) {
        String cache = environment.get("XDG_CACHE_HOME");
        Path base = cache == null || cache.isBlank()
                ? Path.of(environment.getOrDefault("HOME", "."), ".cache")
                : Path.of(cache);
        return base.resolve("lorikeet").resolve("cuda");
    }

    /// The module of `name.cu`, compiled now if it was not before. A cache that cannot be written costs the next run a
    /// compilation and is no error.
    byte[] module(String name) {
        String text = resource(name + ".cu");
        String header = resource(HEADER);
        Path file = folder.resolve("%s-%s.module".formatted(name, key(text, header)));
        try {
            if (Files.exists(file)) {
                return Files.readAllBytes(file);
            }
        } catch (IOException e) {
            return compiler.compile(name, text, header);
        }
        byte[] module = compiler.compile(name, text, header);
        try {
            Files.createDirectories(folder);
            Path made = Files.createTempFile(folder, name, ".made");
            Files.write(made, module);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return module;
        }
        return module;
    }

    private String key(String text, String header) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {compiler.identity(), header, text}) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String resource(String name) {
        try (InputStream stream = KernelCache.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the class path has no dev/lorikeet/cuda/" + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
