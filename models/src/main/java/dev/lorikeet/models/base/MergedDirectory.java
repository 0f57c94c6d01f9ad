package dev.lorikeet.models.base;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.tensor.io.AtomicFile;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorInfo;
import dev.lorikeet.tensor.io.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Writes a merged model as a complete Hugging Face directory: configuration and tokenizer of the base, and one
/// safetensors file in which the merged weights take the place of the base's. Tensors that no weight of the model is
/// (mask buffers) are left out; what merging has not touched is copied byte for byte.
public final class MergedDirectory {
    private static final List<String> SETTINGS = List.of("config.json", "generation_config.json");

    private MergedDirectory() {}

    /// @param config of the merged model: the base's, perhaps with a head that adapters have brought
    /// @param merged the weights that differ from the base's, by the model's own names
    public static void write(Path directory, BaseModel base, ModelConfig config, Map<String, Frozen> merged) {
        Checkpoint checkpoint = base.checkpoint();
        // files of the bare model have no place for a head
        boolean bare = merged.keySet().stream().allMatch(path -> path.startsWith(config.backbone()));
        Set<String> written = new HashSet<>();
        List<TensorSource> tensors = new ArrayList<>();
        merged.forEach((path, weight) -> {
            written.add(path);
            tensors.add(TensorSource.of(
                    bare ? base.nameInFile(path) : path, weight.value(), base.store().backend()));
        });
        for (Frozen weight : base.store().all()) {
            String name = base.nameInFile(weight.name());
            if (checkpoint.names().contains(name) && written.add(weight.name())) {
                TensorInfo info = checkpoint.info(name);
                tensors.add(TensorSource.of(
                        bare ? name : weight.name(), info.dtype(), info.shape(), checkpoint.bytes(name)));
            }
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors, SafetensorsWriter.PT);
        TokenizerFiles.copy(SETTINGS, base.directory(), directory);
        TokenizerFiles.copy(base.directory(), directory);
        describe(directory.resolve("config.json"), config, merged.keySet());
    }

    private static void describe(Path file, ModelConfig config, Set<String> merged) {
        try {
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(Files.readAllBytes(file));
            ObjectNode described = json.deepCopy();
            config.describe(described, merged);
            if (!described.equals(json)) {
                AtomicFile.write(file, described.toPrettyString() + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot rewrite " + file, e);
        }
    }
}
