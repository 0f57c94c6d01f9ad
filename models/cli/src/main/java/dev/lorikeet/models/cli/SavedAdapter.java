package dev.lorikeet.models.cli;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.hub.HubCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Adapters on disk as the commands write and recognise them.
final class SavedAdapter {
    /// PEFT's name for predicting the next token.
    static final String LANGUAGE = "CAUSAL_LM";

    /// PEFT's name for classification and regression of texts.
    static final String CLASSIFICATION = "SEQ_CLS";

    private SavedAdapter() {}

    /// Writes `directory` in PEFT's format.
    ///
    /// @param task    PEFT's name for what the model does
    /// @param trained everything that was trained: all of it has to be in the file
    /// @param base    directory of the base model, stored as its name, or the one that it was fetched by
    static void write(Path directory, String task, LoraAdapter adapter, List<Trainable> trained, Path base) {
        String name = HubCache.nameOf(base).orElseGet(() -> base.toAbsolutePath().getFileName().toString());
        StoredAdapter.About about = new StoredAdapter.About(name, task, true);
        PeftFormat.write(directory, adapter.snapshot(about, trained));
    }

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
