package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an `adapter_config.json` means, function by function as in PEFT 0.18 (`peft/tuners/tuners_utils.py`,
/// `peft/utils/other.py`).
record PeftRules(JsonNode config) {
    /// `check_target_module_exists`.
    boolean isTarget(String key) {
        JsonNode exclude = config.path("exclude_modules");
        if (exclude.isTextual() ? key.matches(exclude.asText()) : endsAtDot(exclude, key)) {
            return false;
        }
        for (JsonNode saved : config.path("modules_to_save")) {
            if (Pattern.compile("(^|.*\\.)" + saved.asText() + "($|\\..*)").matcher(key).lookingAt()) {
                return false;
            }
        }
        JsonNode targets = config.get("target_modules");
        if (targets.isTextual()) {
            return key.matches(targets.asText());
        }
        for (JsonNode target : targets) {
            if (target.asText().equals(key)) {
                return true;
            }
        }
        return endsAtDot(targets, key) && inLayers(key);
    }

    private boolean inLayers(String key) {
        List<Integer> wanted = new ArrayList<>();
        JsonNode layers = config.path("layers_to_transform");
        if (layers.isInt()) {
            wanted.add(layers.asInt());
        }
        layers.forEach(layer -> wanted.add(layer.asInt()));
        if (wanted.isEmpty()) {
            return true;
        }
        List<String> patterns = new ArrayList<>();
        JsonNode given = config.path("layers_pattern");
        if (given.isTextual()) {
            patterns.add(given.asText());
        }
        given.forEach(pattern -> patterns.add(pattern.asText()));
        for (String pattern : patterns.isEmpty() ? List.of("[^.]*") : patterns) {
            Matcher index = Pattern.compile(".*\\." + pattern + "\\.(\\d+)\\.").matcher(key);
            if (index.lookingAt()) {
                return wanted.contains(Integer.valueOf(index.group(1)));
            }
        }
        return false;
    }

    private static boolean endsAtDot(JsonNode names, String key) {
        for (JsonNode name : names) {
            if (key.equals(name.asText()) || key.endsWith("." + name.asText())) {
                return true;
            }
        }
        return false;
    }

    /// `get_pattern_key`, then the value under it or the common one.
    private double perModule(String pattern, String common, String key) {
        for (var entry : config.path(pattern).properties()) {
            if (Pattern.compile("(.*\\.)?(" + entry.getKey() + ")$").matcher(key).lookingAt()) {
                return entry.getValue().asDouble();
            }
        }
        return config.get(common).asDouble();
    }

    int rank(String key) {
        return (int) perModule("rank_pattern", "r", key);
    }

    double alpha(String key) {
        return perModule("alpha_pattern", "lora_alpha", key);
    }

    double scaling(String key) {
        return alpha(key) / (is("use_rslora") ? Math.sqrt(rank(key)) : rank(key));
    }

    boolean is(String flag) {
        return config.path(flag).asBoolean(false);
    }

    String bias() {
        return config.path("bias").asText("none");
    }

    /// Whether the parameter at `path` lies in a module that `_set_trainable` wraps: one whose name ends with a given
    /// one.
    boolean isSaved(String path) {
        String module = path;
        while (module.indexOf('.') >= 0) {
            module = module.substring(0, module.lastIndexOf('.'));
            for (JsonNode saved : config.path("modules_to_save")) {
                if (module.endsWith(saved.asText())) {
                    return true;
                }
            }
        }
        return false;
    }
}
