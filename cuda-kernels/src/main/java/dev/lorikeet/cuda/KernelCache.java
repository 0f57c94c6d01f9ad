package dev.lorikeet.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Compiled kernels, kept in files between runs. A file's name is the hash of all that decided its content: source,
/// headers, compiler, version, architecture, options. So nothing in it is ever out of date, and it may be deleted at
/// any time. A digest of the module follows it: a file that was cut off or changed is compiled again, and never reaches
/// the driver, which is told no length and would read past its end.
final class KernelCache {
    private static final int DIGEST_BYTES = 32;

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

    /// The module of `unit`, compiled now if it was not before. A cache that cannot be written costs the next run a
    /// compilation and is no error.
    byte[] module(Unit unit) {
        KernelSource source = KernelSource.of(unit);
        Path file = folder.resolve("%s-%s.module".formatted(unit.name(), key(source)));
        try {
            if (Files.exists(file)) {
                byte[] kept = Files.readAllBytes(file);
                byte[] module = Arrays.copyOf(kept, Math.max(0, kept.length - DIGEST_BYTES));
                if (Arrays.equals(kept, sealed(module))) {
                    return module;
                }
            }
        } catch (IOException e) {
            return compiler.compile(source);
        }
        byte[] module = compiler.compile(source);
        try {
            Files.createDirectories(folder);
            Path made = Files.createTempFile(folder, unit.name(), ".made");
            Files.write(made, sealed(module));
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return module;
        }
        return module;
    }

    /// `module`, and its digest after it.
    private static byte[] sealed(byte[] module) {
        byte[] sealed = Arrays.copyOf(module, module.length + DIGEST_BYTES);
        System.arraycopy(sha256().digest(module), 0, sealed, module.length, DIGEST_BYTES);
        return sealed;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String key(KernelSource source) {
        List<String> parts = new ArrayList<>(List.of(compiler.identity(), source.text()));
        parts.addAll(source.unit().definitions());
        source.headers().forEach((name, text) -> {
            parts.add(name);
            parts.add(text);
        });
        MessageDigest digest = sha256();
        for (String part : parts) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }
}
