package dev.lorikeet.lora.io;

import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraInit;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.Variant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Writes `adapter_config.json` as PEFT does, with the keys that all its versions since early 2024 read, and further
/// ones only where they say something.
final class PeftConfigWriter {
    private PeftConfigWriter() {}

    /// @param adapter without column slices
    static String json(StoredAdapter adapter) {
        LoraConfig config = sortable(adapter);
        Map<String, Object> json = new TreeMap<>();
        json.put("alpha_pattern", numbers(config.alphaPattern()));
        json.put("auto_mapping", autoMapping(adapter.about().autoMapping()));
        json.put("base_model_name_or_path", adapter.about().baseModel());
        json.put("bias", config.bias().name().toLowerCase(Locale.ROOT));
        json.put("fan_in_fan_out", adapter.about().fanInFanOut());
        json.put("inference_mode", true);
        json.put("init_lora_weights", init(config.init()));
        json.put("layer_replication", null);
        json.put("layers_pattern", orNull(config.layers().patterns()));
        json.put("layers_to_transform", orNull(config.layers().layers()));
        json.put("loftq_config", Map.of());
        json.put("lora_alpha", number(config.alpha()));
        json.put("lora_dropout", config.dropout());
        json.put("megatron_config", null);
        json.put("megatron_core", "megatron.core");
        json.put("modules_to_save", orNull(config.modulesToSave()));
        json.put("peft_type", "LORA");
        json.put("r", config.rank());
        json.put("rank_pattern", config.rankPattern());
        json.put("revision", adapter.about().revision());
        json.put("target_modules", modules(config.targets()));
        json.put("task_type", adapter.about().taskType());
        json.put("use_rslora", config.rsLora());
        if (!config.exclude().equals(Targets.none())) {
            json.put("exclude_modules", modules(config.exclude()));
        }
        for (Variant variant : Variant.all()) {
            variant.setting().ifPresent(setting -> {
                if (variant.equals(config.variant())) {
                    json.put(setting.key(), setting.value());
                } else if (setting.always()) {
                    json.put(setting.key(), false);
                }
            });
        }
        return PythonJson.dumps(json);
    }

    private static Map<String, Object> autoMapping(StoredAdapter.AutoMapping mapping) {
        if (mapping == null) {
            return null;
        }
        Map<String, Object> json = new TreeMap<>();
        json.put("base_model_class", mapping.baseModelClass());
        json.put("parent_library", mapping.parentLibrary());
        return json;
    }

    /// Keys are written sorted, and readers take the first pattern that fits in the order of the file. Where sorting
    /// would change a rank or alpha the patterns are replaced by one per module, which no order can change.
    private static LoraConfig sortable(StoredAdapter adapter) {
        LoraConfig config = adapter.config();
        LoraConfig sorted = config.toBuilder()
                .rankPattern(new TreeMap<>(config.rankPattern()))
                .alphaPattern(new TreeMap<>(config.alphaPattern()))
                .build();
        boolean same = adapter.deltas().keySet().stream().allMatch(path ->
                sorted.rankFor(path) == config.rankFor(path) && sorted.alphaFor(path) == config.alphaFor(path));
        if (same) {
            return sorted;
        }
        Map<String, Integer> ranks = new TreeMap<>();
        Map<String, Double> alphas = new TreeMap<>();
        adapter.deltas().keySet().forEach(path -> {
            ranks.put(path, config.rankFor(path));
            alphas.put(path, config.alphaFor(path));
        });
        return config.toBuilder().rankPattern(ranks).alphaPattern(alphas).build();
    }

    private static Object modules(Targets targets) {
        return switch (targets) {
            case Targets.Names names -> names.names().stream().map(Targets.Name::key).distinct().toList();
            case Targets.Regex regex -> regex.pattern();
            case Targets.AllLinear all -> all.toString();
        };
    }

    private static Object init(LoraInit init) {
        return switch (init) {
            case DEFAULT -> true;
            case GAUSSIAN -> "gaussian";
            case RANDOM -> false;
        };
    }

    private static Object orNull(Collection<?> values) {
        return values.isEmpty() ? null : List.copyOf(values);
    }

    private static Map<String, Object> numbers(Map<String, Double> values) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        values.forEach((key, value) -> numbers.put(key, number(value)));
        return numbers;
    }

    /// A whole number is written without a point, as people give it.
    private static Number number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return (long) value;
        }
        return value;
    }
}
