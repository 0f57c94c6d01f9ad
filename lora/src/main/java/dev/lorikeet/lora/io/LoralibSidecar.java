package dev.lorikeet.lora.io;

import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.tensor.io.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/// What stands beside a loralib checkpoint because it cannot stand inside.
///
/// @param alpha   the training run's `lora_alpha`
/// @param targets which columns are updated, or null if nothing says so
record LoralibSidecar(double alpha, Targets targets) {
    /// What was given; for the rest, what the sidecar says.
    static LoralibSidecar of(Path file, LoralibOptions options) {
        Path path = LoralibFormat.sidecar(file);
        boolean present = Files.isRegularFile(path);
        if (!present && options.alpha() == null) {
            throw new FormatException(file, null, "to be told alpha, which a loralib checkpoint does not hold",
                    "no alpha and no file " + path.getFileName(),
                    "Give the lora_alpha of the training run; the paper's GPT-2 runs had 32, its RoBERTa runs 16.");
        }
        JsonFields fields = present ? JsonFields.read(path) : null;
        double alpha = options.alpha() == null ? fields.number("lora_alpha", Double.NaN) : options.alpha();
        if (!Double.isFinite(alpha)) {
            throw new FormatException(path, null, "\"lora_alpha\"", "nothing", "Give alpha explicitly.");
        }
        String targets = present ? fields.text("targets") : null;
        return new LoralibSidecar(alpha,
                options.targets() != null || targets == null ? options.targets() : Targets.parse(targets));
    }

    static String json(double alpha, LoraConfig config) {
        TreeMap<String, Object> json = new TreeMap<>();
        json.put("lora_alpha", alpha);
        json.put("targets", config.targets().toString());
        return PythonJson.dumps(json);
    }
}
