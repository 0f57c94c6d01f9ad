package dev.lorikeet.lora.io;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.lora.BlockForm;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.tensor.io.AtomicFile;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.SafetensorsFile;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorInfo;
import dev.lorikeet.tensor.io.TensorSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// PEFT's directory: `adapter_config.json` and `adapter_model.safetensors`, or `.bin` from early versions.
///
/// Column slices are unknown to PEFT. They are written as [BlockForm], which PEFT computes rightly; the targets as they
/// were go into the safetensors file's metadata, where Lorikeet finds them again.
public final class PeftFormat {
    /// The file that makes a directory an adapter.
    public static final String CONFIG = "adapter_config.json";

    private static final String TENSORS = "adapter_model.safetensors";
    private static final String OLD_TENSORS = "adapter_model.bin";
    private static final String TARGETS = "lorikeet_targets";

    private PeftFormat() {}

    /// Reads an adapter.
    ///
    /// @throws FormatException              if a file is missing or damaged, or configures what is not built
    /// @throws java.io.UncheckedIOException if a file cannot be read
    public static StoredAdapter read(Path directory) {
        PeftConfigReader read = PeftConfigReader.read(require(directory, CONFIG));
        Path file = require(directory, TENSORS, OLD_TENSORS);
        List<String> notes = new ArrayList<>(read.notes());
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            AdapterTensors tensors = sort(file, checkpoint, notes);
            LoraConfig config = withSaved(file, read.config(), tensors, notes);
            StoredAdapter adapter = new StoredAdapter(
                    config, read.about(), tensors.deltas(config), tensors.saved(), notes);
            return checkpoint.files().get(0) instanceof SafetensorsFile safetensors
                    ? restoreSlices(adapter, safetensors.metadata().get(TARGETS))
                    : adapter;
        }
    }

    private static Path require(Path directory, String... names) {
        for (String name : names) {
            if (Files.isRegularFile(directory.resolve(name))) {
                return directory.resolve(name);
            }
        }
        throw new FormatException(directory, null, "a file " + String.join(" or ", names), "none",
                "A PEFT adapter is a directory with both its configuration and its tensors.");
    }

    private static AdapterTensors sort(Path file, Checkpoint checkpoint, List<String> notes) {
        AdapterTensors tensors = new AdapterTensors(file);
        int originals = 0;
        int buffers = 0;
        for (TensorInfo info : checkpoint.infos()) {
            switch (PeftNames.kindOf(info.name())) {
                case PeftNames.Kind.A(String path) -> tensors.addA(path, checkpoint, info);
                case PeftNames.Kind.B(String path) -> tensors.addB(path, checkpoint, info);
                case PeftNames.Kind.TableA(String path) -> {
                    tensors.addTable(path);
                    tensors.addA(path, checkpoint, info);
                }
                case PeftNames.Kind.TableB(String path) -> tensors.addB(path, checkpoint, info);
                case PeftNames.Kind.Beside(String path, String tensor) ->
                        tensors.addBeside(path, tensor, checkpoint, info);
                case PeftNames.Kind.Saved(String path) when isBuffer(path, info) -> buffers++;
                case PeftNames.Kind.Saved(String path) -> {
                    originals += tensors.addSaved(path, checkpoint, info) ? 0 : 1;
                }
                case PeftNames.Kind.Original() -> originals++;
            }
        }
        if (originals > 0) {
            notes.add("ignored %d copies of weights (original_module, modules_to_save)".formatted(originals));
        }
        if (buffers > 0) {
            notes.add("ignored %d tensors that are called bias but are causal masks of attention".formatted(buffers));
        }
        return tensors;
    }

    /// With `bias="all"` PEFT saves everything whose name says bias, GPT-2's attention masks in old versions included.
    private static boolean isBuffer(String path, TensorInfo info) {
        return path.matches("(.*\\.)?(masked_)?bias") && info.shape().rank() != 1;
    }

    /// PEFT also writes whole weights that the configuration does not list, such as embeddings that were resized.
    private static LoraConfig withSaved(
            Path file, LoraConfig config, AdapterTensors tensors, List<String> notes) {
        Set<String> modules = new TreeSet<>();
        for (String weight : tensors.saved().keySet()) {
            if (!config.savesWeight(weight) && !config.trainsBias(weight)) {
                String module = weight.substring(0, Math.max(0, weight.lastIndexOf('.')));
                if (tensors.a().containsKey(module)) {
                    throw new FormatException(file, weight, "no such tensor, since \"bias\" is \"%s\"".formatted(
                            config.bias().name().toLowerCase(Locale.ROOT)), "a whole weight of an updated module",
                            "Configuration and tensors are not of the same adapter.");
                }
                modules.add(module);
            }
        }
        if (modules.isEmpty()) {
            return config;
        }
        notes.add("the file has whole weights that modules_to_save does not list: " + String.join(", ", modules));
        List<String> all = new ArrayList<>(config.modulesToSave());
        all.addAll(modules);
        return config.toBuilder().modulesToSave(all).build();
    }

    private static StoredAdapter restoreSlices(StoredAdapter adapter, String targets) {
        if (targets == null) {
            return adapter;
        }
        try {
            return BlockForm.split(adapter, Targets.parse(targets));
        } catch (IllegalArgumentException e) {
            List<String> notes = new ArrayList<>(adapter.notes());
            notes.add("read as updates of all columns, not as %s: %s".formatted(targets, e.getMessage()));
            return new StoredAdapter(adapter.config(), adapter.about(), adapter.deltas(), adapter.saved(), notes);
        }
    }

    /// Everything that an adapter trains, under the names that PEFT's files give it.
    ///
    /// @throws IllegalArgumentException if it is frozen
    public static Map<String, Trainable> trainables(LoraAdapter adapter) {
        Map<String, Trainable> all = new LinkedHashMap<>();
        for (LoraDelta delta : adapter.deltas()) {
            put(all, PeftNames.a(delta.path(), delta.table()), delta.a());
            put(all, PeftNames.b(delta.path(), delta.table()), delta.b());
            delta.extra().weights().forEach((tensor, weight) ->
                    put(all, PeftNames.beside(delta.path(), tensor), weight));
        }
        Set<String> updated = adapter.deltas().stream().map(LoraDelta::path).collect(Collectors.toSet());
        adapter.saved().forEach((path, weight) -> put(all, PeftNames.saved(path, updated), weight));
        return all;
    }

    private static void put(Map<String, Trainable> all, String name, Weight weight) {
        if (!(weight instanceof Trainable trainable)) {
            throw new IllegalArgumentException("'%s' is frozen".formatted(weight.name()));
        }
        all.put(name, trainable);
    }

    /// Writes an adapter, tensors first, each file at once. Existing files are replaced.
    ///
    /// @throws java.io.UncheckedIOException if a file cannot be written
    public static void write(Path directory, StoredAdapter adapter) {
        if (adapter.deltas().isEmpty()) {
            throw new IllegalArgumentException("an adapter without updates is not written to " + directory);
        }
        StoredAdapter full = BlockForm.expand(adapter);
        List<TensorSource> tensors = new ArrayList<>();
        full.deltas().forEach((path, delta) -> {
            tensors.add(source(PeftNames.a(path, delta.table()), delta.a()));
            tensors.add(source(PeftNames.b(path, delta.table()), delta.b()));
            delta.extras().forEach((tensor, value) -> tensors.add(source(PeftNames.beside(path, tensor), value)));
        });
        full.saved().forEach((path, tensor) -> tensors.add(
                source(PeftNames.saved(path, full.deltas().keySet()), tensor)));
        Map<String, String> metadata = new LinkedHashMap<>(SafetensorsWriter.PT);
        if (full != adapter) {
            metadata.put(TARGETS, adapter.config().targets().toString());
        }
        SafetensorsWriter.write(directory.resolve(TENSORS), tensors, metadata);
        AtomicFile.write(directory.resolve(CONFIG), PeftConfigWriter.json(full));
    }

    static TensorSource source(String name, StoredTensor tensor) {
        return TensorSource.of(name, tensor.dtype(), tensor.shape(), tensor.bytes());
    }
}
