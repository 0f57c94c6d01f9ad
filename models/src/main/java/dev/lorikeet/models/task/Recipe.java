package dev.lorikeet.models.task;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// A published set of hyperparameters and their values, in a table beside this class (`recipes.tsv`).
///
/// `paper/…` is what the LoRA paper's Table 9 says, `scripts/…` what the scripts published with it do; they differ (the
/// scripts' batches are per GPU, 8 of them, which is what `accumulate` stands for here). Rows called
/// `paper/roberta-large-adapters/…` are those that the paper compares with adapters.
///
/// @param name     `paper/roberta-base/mrpc`
/// @param settings name → value, such as `rank` → `8`; the names are those of the options of `lorikeet train`
/// @param fromMnli whether it starts from an adapter trained on MNLI
public record Recipe(String name, Map<String, String> settings, boolean fromMnli) {
    private static final String FILE = "recipes.tsv";

    /// All recipes by name.
    public static NavigableMap<String, Recipe> all() {
        List<String> lines = lines();
        List<String> columns = List.of(lines.getFirst().split("\t"));
        NavigableMap<String, Recipe> recipes = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = List.of(line.split("\t"));
            if (fields.size() != columns.size()) {
                throw new IllegalStateException("%s: %d columns, expected %d: %s".formatted(
                        FILE, fields.size(), columns.size(), line));
            }
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("task", fields.getFirst().substring(fields.getFirst().lastIndexOf('/') + 1));
            for (int i = 2; i < columns.size(); i++) {
                settings.put(columns.get(i), fields.get(i));
            }
            Recipe recipe = new Recipe(fields.getFirst(), settings, fields.get(1).equals("mnli"));
            if (recipes.put(recipe.name(), recipe) != null) {
                throw new IllegalStateException(FILE + ": " + recipe.name() + " stands there twice");
            }
        }
        return recipes;
    }

    private static List<String> lines() {
        try (InputStream in = Recipe.class.getResourceAsStream(FILE)) {
            return Arrays.stream(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                    .filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FILE, e);
        }
    }
}
