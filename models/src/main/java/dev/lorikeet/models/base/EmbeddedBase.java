package dev.lorikeet.models.base;

import dev.lorikeet.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// The small byte-level GPT-2 that this project has trained itself, part of the jar. See its `README.md` for how, on
/// what, and how well it predicts.
public final class EmbeddedBase {
    private static final List<String> FILES =
            List.of("config.json", "tokenizer_config.json", "model.safetensors", "README.md");

    private EmbeddedBase() {}

    /// A directory with the model's files, as any other base model has them: weights are mapped, and a jar's content
    /// cannot be. They are unpacked once per version into the user's cache directory (`$XDG_CACHE_HOME` or `~/.cache`),
    /// or into a temporary one if that cannot be written.
    public static Path directory() {
        String version = HexFormat.of().formatHex(sha256(read("model.safetensors"))).substring(0, 16);
        Path cached = CacheHome.of(System::getenv).resolve("lorikeet").resolve("base-" + version);
        try {
            return unpack(cached);
        } catch (IOException | UncheckedIOException e) {
            try {
                return unpack(Files.createTempDirectory("lorikeet-base-"));
            } catch (IOException again) {
                throw new UncheckedIOException("cannot unpack the embedded base model to " + cached, again);
            }
        }
    }

    private static Path unpack(Path directory) throws IOException {
        Files.createDirectories(directory);
        for (String name : FILES) {
            Path file = directory.resolve(name);
            byte[] content = read(name);
            if (!Files.exists(file) || Files.size(file) != content.length) {
                AtomicFile.write(file, content);
            }
        }
        return directory;
    }

    private static byte[] read(String name) {
        try (InputStream in = EmbeddedBase.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("this build has no embedded base model (" + name
                        + "); give the directory of another one");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the embedded base model", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
