package dev.lorikeet.lora.io;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names of tensors in PEFT's files: `base_model.model.<module>.lora_A.weight`.
final class PeftNames {
    static final String PREFIX = "base_model.model.";

    /// In memory, and in files of early versions, the adapter's name stands between: `lora_A.default.weight`,
    /// `classifier.modules_to_save.default.weight`.
    private static final Pattern PART = Pattern.compile("(.+)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");
    private static final Pattern SAVED = Pattern.compile("\\.modules_to_save\\.[^.]+\\.");
    private static final Pattern MAGNITUDE = Pattern.compile("(.+)\\.lora_magnitude_vector(?:\\.[^.]+){0,2}");
    private static final Pattern NOT_BUILT = Pattern.compile(
            ".*\\.(lora_embedding_[AB]|lora_B\\.(?:[^.]+\\.)?bias|base_layer\\.bias)\\b.*");

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

        /// Part of something that is not built yet.
        record NotBuilt(String what) implements Kind {}
    }

    private PeftNames() {}

    static Kind kindOf(String name) {
        String path = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        if (path.contains(".original_module.")) {
            return new Kind.Original();
        }
        Matcher notBuilt = NOT_BUILT.matcher(path);
        if (notBuilt.matches()) {
            return new Kind.NotBuilt(notBuilt.group(1));
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

    static String a(String path) {
        return PREFIX + path + ".lora_A.weight";
    }

    static String b(String path) {
        return PREFIX + path + ".lora_B.weight";
    }

    static String magnitude(String path) {
        return PREFIX + path + ".lora_magnitude_vector";
    }

    static String saved(String path) {
        return PREFIX + path;
    }
}
