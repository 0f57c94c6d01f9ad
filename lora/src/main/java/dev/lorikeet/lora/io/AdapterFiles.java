package dev.lorikeet.lora.io;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Opens an adapter of either format.
public final class AdapterFiles {
    private AdapterFiles() {}

    /// A PEFT directory (or one that holds a single one, or a file inside one), or a loralib checkpoint.
    ///
    /// @param options what a loralib checkpoint does not say itself; not used for PEFT
    /// @throws FormatException saying what was looked for, or what is wrong with it
    public static StoredAdapter open(Path path, LoralibOptions options) {
        if (Files.isDirectory(path)) {
            return PeftFormat.read(peftDirectory(path));
        }
        if (!Files.isRegularFile(path)) {
            throw new FormatException(path, null, "an adapter's directory or file", "nothing there", null);
        }
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            if (LoralibFormat.recognises(checkpoint)) {
                return LoralibFormat.read(path, options);
            }
        }
        Path directory = path.toAbsolutePath().getParent();
        if (Files.isRegularFile(directory.resolve(PeftFormat.CONFIG))) {
            return PeftFormat.read(directory);
        }
        throw new FormatException(
                path, null, "loralib's tensors (…lora_A), or %s beside it".formatted(PeftFormat.CONFIG),
                "neither", "Give the directory of a PEFT adapter or a checkpoint written by loralib.");
    }

    /// [#open(Path, LoralibOptions)] with nothing but what the files say.
    public static StoredAdapter open(Path path) {
        return open(path, LoralibOptions.none());
    }

    /// PEFT puts an adapter that is not called `default` into a directory of its name.
    private static Path peftDirectory(Path directory) {
        if (Files.isRegularFile(directory.resolve(PeftFormat.CONFIG))) {
            return directory;
        }
        List<Path> inside;
        try (Stream<Path> children = Files.list(directory)) {
            inside = children.filter(child -> Files.isRegularFile(child.resolve(PeftFormat.CONFIG))).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list %s: %s".formatted(directory, e.getMessage()), e);
        }
        if (inside.size() != 1) {
            throw new FormatException(directory, null, PeftFormat.CONFIG, inside.isEmpty()
                    ? "none, and no directory with one"
                    : "several adapters: " + String.join(", ", inside.stream().map(Path::toString).toList()),
                    "Give the directory of one adapter.");
        }
        return inside.get(0);
    }
}
