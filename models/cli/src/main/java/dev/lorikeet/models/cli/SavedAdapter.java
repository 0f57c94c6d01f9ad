package dev.lorikeet.models.cli;

import dev.lorikeet.lora.io.PeftFormat;
import java.nio.file.Files;
import java.nio.file.Path;

/// Adapters on disk as the commands recognise them.
final class SavedAdapter {
    private SavedAdapter() {}

    /// The file with the numbers.
    static Path tensors(Path directory) {
        return directory.resolve("adapter_model.safetensors");
    }

    /// Whether `path` looks like an adapter rather than a model.
    static boolean isOne(Path path) {
        String name = path.getFileName() == null ? "" : path.getFileName().toString();
        return Files.exists(path.resolve(PeftFormat.CONFIG))
                || name.startsWith("adapter_")
                || name.endsWith(".pt")
                || name.endsWith(".bin") && !name.startsWith("pytorch_model");
    }
}
