package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.base.CheckpointSource;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.GoldenFiles;
import dev.lorikeet.models.verify.golden.TensorEntry;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The forms in which a case stores its weights (safetensors, PyTorch, in shards, with or without the backbone's
/// prefix): all hold the same numbers.
final class WeightForms {
    private static final String INDEX = ".index.json";

    /// Causal masks and position numbers, which old files hold.
    private static final Pattern BUFFER = Pattern.compile("(.*\\.)?(attn\\.(masked_)?bias|embeddings\\.position_ids)");

    /// Names under which PyTorch's files repeat a tied weight.
    static final Map<String, String> REPEATED = Map.of(
            "lm_head.weight", "transformer.wte.weight",
            "lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight",
            "lm_head.decoder.bias", "lm_head.bias");

    private final GoldenCase golden;
    private final BaseModel base;

    WeightForms(GoldenCase golden, BaseModel base) {
        this.golden = golden;
        this.base = base;
    }

    void check() {
        for (String file : forms()) {
            Path path = golden.directory().resolve(file);
            try (Checkpoint form = Checkpoint.open(path)) {
                String difference = difference(form);
                golden.fact("weights of " + file, difference.isEmpty(), difference);
            } catch (FormatException damaged) {
                golden.fact("weights of " + file, false, damaged.getMessage());
            }
        }
    }

    /// Files with weights, other than those of golden tensors; for shards, their index.
    private List<String> forms() {
        Set<String> stored = golden.manifest().tensors().values().stream()
                .map(TensorEntry::file).collect(Collectors.toSet());
        List<String> files = golden.manifest().files();
        Set<String> sharded = files.stream()
                .filter(file -> file.endsWith(INDEX)).map(WeightForms::directory).collect(Collectors.toSet());
        return files.stream()
                .filter(file -> file.endsWith(INDEX) || (isWeights(file) && !sharded.contains(directory(file))))
                .filter(file -> !stored.contains(file))
                .toList();
    }

    private static boolean isWeights(String file) {
        return file.endsWith(".safetensors") || file.endsWith(".bin") || file.endsWith(".pt");
    }

    private static String directory(String file) {
        return file.substring(0, file.lastIndexOf('/') + 1);
    }

    private String difference(Checkpoint form) {
        CheckpointSource source = new CheckpointSource(form, base.config().backbone());
        Set<String> unknown = new HashSet<>(form.names());
        for (Frozen weight : base.store().all()) {
            String name = source.nameInFile(weight.name());
            if (!unknown.remove(name)) {
                return "has no " + name;
            }
            if (!Arrays.equals(numbers(form, name), numbers(base.checkpoint(), base.nameInFile(weight.name())))) {
                return "has other numbers in " + name;
            }
        }
        unknown.removeIf(name -> BUFFER.matcher(name).matches());
        for (Map.Entry<String, String> repeated : REPEATED.entrySet()) {
            boolean other = unknown.remove(repeated.getKey()) && !Arrays.equals(
                    numbers(form, repeated.getKey()),
                    numbers(base.checkpoint(), base.nameInFile(repeated.getValue())));
            if (other) {
                return "has another %s than %s".formatted(repeated.getKey(), repeated.getValue());
            }
        }
        return unknown.isEmpty() ? "" : "has tensors that are no weights: " + unknown;
    }

    static double[] numbers(Checkpoint checkpoint, String name) {
        return GoldenFiles.doubles(checkpoint, checkpoint.info(name));
    }
}
