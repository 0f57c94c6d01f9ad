package dev.lorikeet.lora.io;

import dev.lorikeet.lora.Variant;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Names of tensors in PEFT's files: `base_model.model.<module>.lora_A.weight`.
final class PeftNames {
    static final String PREFIX = "base_model.model.";

    /// In memory, and in files of early versions, the adapter's name stands between: `lora_A.default.weight`,
    /// `classifier.modules_to_save.default.weight`.
    private static final Pattern PART = Pattern.compile("(.+)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");
    /// Where the module has the parameter itself PEFT takes the adapter's name away: `ln_f.modules_to_save.bias`.
    private static final Pattern SAVED = Pattern.compile("\\.modules_to_save(?:\\.[^.]+(?=\\.))?\\.");
    private static final Pattern TABLE = Pattern.compile("(.+)\\.lora_embedding_([AB])(?:\\.[^.]+)?");
    /// What variants have beside A and B, with the adapter's name where it may stand: behind the parameter, and once
    /// more `weight` (`lora_magnitude_vector.default.weight`), or before the parameter of a module
    /// (`lora_B.default.bias`).
    private static final Map<String, Pattern> BESIDE = Variant.all().stream()
            .flatMap(variant -> variant.tensors().stream())
            .collect(Collectors.toMap(tensor -> tensor, PeftNames::beside));
    private static final Pattern BASE_BIAS = Pattern.compile("(.+)\\.base_layer\\.bias");

    /// What a tensor is.
    sealed interface Kind {
        /// A of the module at `path`.
        record A(String path) implements Kind {}

        /// B of the module at `path`.
        record B(String path) implements Kind {}

        /// The whole weight at `path`.
        record Saved(String path) implements Kind {}

        /// The base's own copy of a saved module, which PEFT writes now and then.
        record Original() implements Kind {}

        /// A of the embedding table at `path`.
        record TableA(String path) implements Kind {}

        /// B of the embedding table at `path`.
        record TableB(String path) implements Kind {}

        /// What a variant has beside A and B of the module at `path`.
        ///
        /// @param tensor one of [Variant#tensors]
        record Beside(String path, String tensor) implements Kind {}
    }

    private PeftNames() {}

    private static Pattern beside(String tensor) {
        int dot = tensor.indexOf('.');
        return Pattern.compile("(.+)\\." + (dot < 0
                ? Pattern.quote(tensor) + "(?:\\.[^.]+){0,2}"
                : Pattern.quote(tensor.substring(0, dot)) + "(?:\\.[^.]+)?" + Pattern.quote(tensor.substring(dot))));
    }

    static Kind kindOf(String name) {
        String path = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        if (path.contains(".original_module.")) {
            return new Kind.Original();
        }
        Matcher table = TABLE.matcher(path);
        if (table.matches()) {
            return table.group(2).equals("A") ? new Kind.TableA(table.group(1)) : new Kind.TableB(table.group(1));
        }
        for (Map.Entry<String, Pattern> beside : BESIDE.entrySet()) {
            Matcher tensor = beside.getValue().matcher(path);
            if (tensor.matches()) {
                return new Kind.Beside(tensor.group(1), beside.getKey());
            }
        }
        Matcher baseBias = BASE_BIAS.matcher(path);
        if (baseBias.matches()) {
            return new Kind.Saved(baseBias.group(1) + ".bias");
        }
        Matcher part = PART.matcher(path);
        if (part.matches()) {
            return part.group(2).equals("A") ? new Kind.A(part.group(1)) : new Kind.B(part.group(1));
        }
        return new Kind.Saved(SAVED.matcher(path).replaceFirst("."));
    }

    static String a(String path, boolean table) {
        return PREFIX + path + (table ? ".lora_embedding_A" : ".lora_A.weight");
    }

    static String b(String path, boolean table) {
        return PREFIX + path + (table ? ".lora_embedding_B" : ".lora_B.weight");
    }

    /// @param tensor one of [Variant#tensors]
    static String beside(String path, String tensor) {
        return PREFIX + path + "." + tensor;
    }

    /// @param updated paths of the modules with an update: PEFT wraps them, so that a bias of theirs moves one level
    ///                down
    static String saved(String path, Set<String> updated) {
        String module = path.substring(0, Math.max(0, path.lastIndexOf('.')));
        return path.endsWith(".bias") && updated.contains(module)
                ? PREFIX + module + ".base_layer.bias"
                : PREFIX + path;
    }
}
