package dev.lorikeet.lora.io;

import dev.lorikeet.lora.BiasMode;
import dev.lorikeet.lora.LayerSubset;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraInit;
import dev.lorikeet.lora.Plain;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.Variant;
import dev.lorikeet.tensor.io.FormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// `adapter_config.json`: what it configures, what it says about the base, what had to be assumed.
record PeftConfigReader(LoraConfig config, StoredAdapter.About about, List<String> notes) {
    /// What PEFT takes where a file says nothing (`peft/tuners/lora/config.py`).
    private static final int DEFAULT_RANK = 8;
    private static final double DEFAULT_ALPHA = 8;

    /// Modules that PEFT saves for these tasks whether they are listed or not.
    private static final List<String> HEADS = List.of("classifier", "score");
    private static final Set<String> HEAD_TASKS = Set.of("SEQ_CLS", "TOKEN_CLS");

    static PeftConfigReader read(Path file) {
        JsonFields fields = JsonFields.read(file);
        if (!"LORA".equals(fields.text("peft_type"))) {
            throw new FormatException(
                    file, null, "\"peft_type\" to be \"LORA\"", String.valueOf(fields.text("peft_type")),
                    "Other methods are not read as LoRA adapters.");
        }
        List<String> notes = new ArrayList<>(PeftRefusals.check(fields));
        notes.addAll(variant(fields).notes());
        noteDefault(fields, "r", DEFAULT_RANK, notes);
        noteDefault(fields, "lora_alpha", (int) DEFAULT_ALPHA, notes);
        try {
            LoraConfig config = LoraConfig.builder()
                    .rank(fields.integer("r", DEFAULT_RANK))
                    .alpha(fields.number("lora_alpha", DEFAULT_ALPHA))
                    .dropout(fields.number("lora_dropout", 0))
                    .rsLora(fields.flag("use_rslora"))
                    .targets(targets(fields))
                    .exclude(fields.has("exclude_modules") ? modules(fields, "exclude_modules") : Targets.none())
                    .layers(layers(fields))
                    .rankPattern(fields.integersByName("rank_pattern"))
                    .alphaPattern(fields.numbersByName("alpha_pattern"))
                    .modulesToSave(modulesToSave(fields))
                    .init(init(fields))
                    .variant(variant(fields))
                    .bias(bias(fields))
                    .build();
            return new PeftConfigReader(config, new StoredAdapter.About(
                    fields.text("base_model_name_or_path"), fields.text("task_type"), fields.flag("fan_in_fan_out"),
                    autoMapping(fields), fields.text("revision")), notes);
        } catch (IllegalArgumentException e) {
            throw new FormatException(file, null, "settings that make sense", e.getMessage(), null);
        }
    }

    private static StoredAdapter.AutoMapping autoMapping(JsonFields fields) {
        Map<String, String> names = fields.textsByName("auto_mapping");
        return names.isEmpty()
                ? null
                : new StoredAdapter.AutoMapping(names.get("base_model_class"), names.get("parent_library"));
    }

    private static void noteDefault(JsonFields fields, String key, int value, List<String> notes) {
        if (!fields.has(key)) {
            notes.add("the file has no \"%s\": took PEFT's default %d".formatted(key, value));
        }
    }

    private static Targets targets(JsonFields fields) {
        if (!fields.has("target_modules")) {
            throw new FormatException(fields.file(), null, "\"target_modules\"", "nothing",
                    "Name the modules that the adapter updates.");
        }
        return fields.isText("target_modules") && fields.text("target_modules").equalsIgnoreCase("all-linear")
                ? new Targets.AllLinear()
                : modules(fields, "target_modules");
    }

    /// A list is names, a text a regular expression.
    private static Targets modules(JsonFields fields, String key) {
        return fields.isText(key) ? new Targets.Regex(fields.text(key)) : Targets.names(fields.texts(key));
    }

    private static LayerSubset layers(JsonFields fields) {
        Set<Integer> layers = new LinkedHashSet<>(fields.integers("layers_to_transform"));
        List<String> patterns = fields.texts("layers_pattern").stream().filter(name -> !name.isEmpty()).toList();
        return new LayerSubset(layers, patterns);
    }

    private static List<String> modulesToSave(JsonFields fields) {
        Set<String> modules = new LinkedHashSet<>(fields.texts("modules_to_save"));
        if (fields.has("task_type") && HEAD_TASKS.contains(fields.text("task_type"))) {
            modules.addAll(HEADS);
        }
        return List.copyOf(modules);
    }

    private static BiasMode bias(JsonFields fields) {
        String mode = fields.has("bias") ? fields.text("bias") : "none";
        return Stream.of(BiasMode.values())
                .filter(known -> known.name().equalsIgnoreCase(mode))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"bias\" is \"%s\", not none, lora_only or all".formatted(mode)));
    }

    /// The variant whose setting is there; plain LoRA if none is.
    private static Variant variant(JsonFields fields) {
        List<Variant> chosen = Variant.all().stream()
                .filter(variant -> variant.setting().filter(fields::has).isPresent())
                .toList();
        if (chosen.size() > 1) {
            throw new FormatException(fields.file(), null, "one of the settings " + chosen.stream()
                    .map(variant -> "\"" + variant.setting().orElseThrow().key() + "\"").toList(), "several",
                    "These variants cannot be combined.");
        }
        return chosen.isEmpty() ? new Plain() : chosen.getFirst();
    }

    private static LoraInit init(JsonFields fields) {
        if (fields.isText("init_lora_weights")) {
            return switch (fields.text("init_lora_weights")) {
                case "gaussian" -> LoraInit.GAUSSIAN;
                case "" -> LoraInit.RANDOM;
                default -> LoraInit.DEFAULT;                    // a variant's; others were refused
            };
        }
        return !fields.has("init_lora_weights") || fields.flag(
                "init_lora_weights") ? LoraInit.DEFAULT : LoraInit.RANDOM;
    }
}
