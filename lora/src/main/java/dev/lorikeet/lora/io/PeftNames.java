package dev.lorikeet.lora.io;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names of tensors in PEFT's files: `base_model.model.<module>.lora_A.weight`.
final class PeftNames {
    static final String PREFIX = "base_model.model.";

    /// In memory, and in files of early versions, the adapter's name stands between: `lora_A.default.weight`,
    /// `classifier.modules_to_save.default.weight`.
    private static final Pattern PART = Pattern.compile("(.+)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");
    /// Where the module has the parameter itself PEFT takes the adapter's name away: `ln_f.modules_to_save.bias`.
    private static final Pattern SAVED = Pattern.compile("\\.modules_to_save(?:\\.[^.]+(?=\\.))?\\.");
    private static final Pattern MAGNITUDE = Pattern.compile("(.+)\\.lora_magnitude_vector(?:\\.[^.]+){0,2}");
    private static final Pattern TABLE = Pattern.compile("(.+)\\.lora_embedding_([AB])(?:\\.[^.]+)?");
    private static final Pattern OUTPUT_BIAS = Pattern.compile("(.+)\\.lora_B(?:\\.[^.]+)?\\.bias");
    private static final Pattern BASE_BIAS = Pattern.compile("(.+)\\.base_layer\\.bias");

    /// What a tensor is.
    sealed interface Kind {
        /// A of the module at `path`.
        record A(String path) implements Kind {}

        /// B of the module at `path`.
        record B(String path) implements Kind {}

        /// DoRA's magnitudes of the module at `path`.
        record Magnitude(String path) implements Kind {}

        /// The whole weight at `path`.
        record Saved(String path) implements Kind {}

        /// The base's own copy of a saved module, which PEFT writes now and then.
        record Original() implements Kind {}

        /// A of the embedding table at `path`.
        record TableA(String path) implements Kind {}

        /// B of the embedding table at `path`.
        record TableB(String path) implements Kind {}

        /// The bias of B of the module at `path`.
        record OutputBias(String path) implements Kind {}
    }

    private PeftNames() {}

    static Kind kindOf(String name) {
        String path = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        if (path.contains(".original_module.")) {
            return new Kind.Original();
        }
        Matcher table = TABLE.matcher(path);
        if (table.matches()) {
            return table.group(2).equals("A") ? new Kind.TableA(table.group(1)) : new Kind.TableB(table.group(1));
        }
        Matcher outputBias = OUTPUT_BIAS.matcher(path);
        if (outputBias.matches()) {
            return new Kind.OutputBias(outputBias.group(1));
        }
        Matcher baseBias = BASE_BIAS.matcher(path);
        if (baseBias.matches()) {
            return new Kind.Saved(baseBias.group(1) + ".bias");
        }
        Matcher magnitude = MAGNITUDE.matcher(path);
        if (magnitude.matches()) {
            return new Kind.Magnitude(magnitude.group(1));
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

    static String outputBias(String path) {
        return PREFIX + path + ".lora_B.bias";
    }

    static String magnitude(String path) {
        return PREFIX + path + ".lora_magnitude_vector";
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
