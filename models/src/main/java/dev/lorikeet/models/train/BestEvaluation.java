package dev.lorikeet.models.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The best evaluation of a run, as its log has it: the one whose weights were kept, also if the run was resumed since.
///
/// @param step    when
/// @param figures by name; not a number where a figure had no value
public record BestEvaluation(long step, Map<String, Double> figures) {
    /// @param directory of the run
    /// @throws IllegalStateException if its log has no evaluation
    public static BestEvaluation read(Path directory) {
        Path file = directory.resolve(MetricsLog.EVENTS);
        JsonNode best = null;
        try {
            for (String line : Files.readAllLines(file)) {
                JsonNode event = new ObjectMapper().readTree(line);
                best = event.path("best").asBoolean(false) ? event : best;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (best == null) {
            throw new IllegalStateException(file + " has no evaluation");
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        best.properties().forEach(field -> {
            if (field.getValue().isNumber() || field.getValue().isNull()) {
                figures.put(field.getKey(), field.getValue().asDouble(Double.NaN));
            }
        });
        figures.remove("step");
        return new BestEvaluation(best.path("step").asLong(), figures);
    }

    @Override
    public String toString() {
        return figures.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%s %.4f", each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
    }
}
