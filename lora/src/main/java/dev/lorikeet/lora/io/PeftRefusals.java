package dev.lorikeet.lora.io;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.lora.PeftSetting;
import dev.lorikeet.lora.Variant;
import dev.lorikeet.tensor.io.FormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What keeps an `adapter_config.json` from being computed wrongly: every setting that changes numbers in a way that is
/// not built must be off. PEFT itself drops keys that it does not know, with a warning.
///
/// A key that is unknown here is tolerated if its value is null, false, 0 or empty. Otherwise it is refused if it
/// switches something on or looks like a setting of the arithmetic, and noted if not.
final class PeftRefusals {
    /// Keys that are read, or that say nothing about the arithmetic.
    private static final Set<String> UNDERSTOOD = Set.of(
            "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "exclude_modules", "fan_in_fan_out",
            "inference_mode", "layers_pattern", "layers_to_transform", "lora_alpha", "lora_dropout",
            "megatron_core", "merge_weights", "modules_to_save", "peft_type", "peft_version", "qalora_group_size", "r",
            "rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_rslora");

    /// Keys that must be off, with what they would do.
    private static final Map<String, String> MUST_BE_OFF = Map.ofEntries(
            Map.entry("use_qalora", "updates grouped for quantised weights (QA-LoRA)"),
            Map.entry("use_bdlora", "block-diagonal updates"),
            Map.entry("layer_replication", "repeating layers of the base"),
            Map.entry("target_parameters", "updates of single parameters"),
            Map.entry("trainable_token_indices", "rows of the embedding that are trained"),
            Map.entry("alora_invocation_tokens", "updates that start at a token of the prompt (aLoRA)"),
            Map.entry("megatron_config", "parallel layers of Megatron"),
            Map.entry("arrow_config", "routing between adapters (Arrow)"),
            Map.entry("corda_config", "an initialisation that changes the base (CorDA)"),
            Map.entry("eva_config", "an initialisation from data (EVA)"),
            Map.entry("loftq_config", "an initialisation that changes the base (LoftQ)"),
            Map.entry("kasa_config", "knowledge-aware singular values (KaSA)"),
            Map.entry("lora_ga_config", "an initialisation that changes the base (LoRA-GA)"),
            Map.entry("monteclora_config", "sampled updates (MonteCLoRA)"),
            Map.entry("velora_config", "compressed activations (VeLoRA)"),
            Map.entry("enable_lora", "the fused layers of early PEFT versions"),
            Map.entry("ensure_weight_tying", "updates shared by tied weights"));

    /// Keys and values that switch a variant on.
    private static final Map<String, Object> VARIANTS = Variant.all().stream()
            .flatMap(variant -> variant.setting().stream())
            .collect(Collectors.toMap(PeftSetting::key, PeftSetting::value));

    private static final Pattern ARITHMETIC = Pattern.compile(
            "^(use|enable)_|alpha|rank|scal|bias|dropout|target|init|layer|module|pattern|quant|merge|norm|weight");

    private PeftRefusals() {}

    /// Checks all fields.
    ///
    /// @return notes about keys that were ignored
    /// @throws FormatException naming the key, its value and what it would do
    static List<String> check(JsonFields fields) {
        List<String> notes = new ArrayList<>();
        fields.all().forEach((key, value) -> {
            if (MUST_BE_OFF.containsKey(key)) {
                require(isOff(value), fields.file(), key, "to be off", value,
                        "It means %s, which Lorikeet does not compute yet.".formatted(MUST_BE_OFF.get(key)));
            } else if (key.equals("init_lora_weights")) {
                require(isOff(value) || value.isBoolean() || value.asText().equals("gaussian")
                                || value.asText().equals(VARIANTS.get(key)),
                        fields.file(), key, "to be true, false, \"gaussian\" or \"pissa\"", value,
                        "Other initialisations change the base in ways that no file tells exactly, or need data.");
            } else if (!UNDERSTOOD.contains(key) && !VARIANTS.containsKey(key) && !isOff(value)) {
                notes.add(unknown(fields, key, value));
            }
        });
        return notes;
    }

    private static String unknown(JsonFields fields, String key, JsonNode value) {
        // a synonym that some tools write beside the real key
        if (key.equals("alpha") && value.isNumber() && value.doubleValue() == fields.number("lora_alpha", 8)) {
            return "ignored \"alpha\", which repeats \"lora_alpha\"";
        }
        boolean switchesOn = value.isContainerNode() || (value.isBoolean() && value.booleanValue());
        require(!switchesOn && !ARITHMETIC.matcher(key).find(), fields.file(), key, "to be known, or off", value,
                "This key is unknown and might change the arithmetic. Remove it if you are sure that it does not.");
        return "ignored the unknown key \"%s\": %s".formatted(key, value);
    }

    private static boolean isOff(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.doubleValue() == 0)
                || (value.isTextual() && value.textValue().isEmpty())
                || (value.isContainerNode() && value.isEmpty());
    }

    private static void require(boolean ok, Path file, String key, String expected, JsonNode value, String hint) {
        if (!ok) {
            throw new FormatException(file, null, "\"%s\" %s".formatted(key, expected), value.toString(), hint);
        }
    }
}
