package dev.lorikeet.models.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.tensor.io.FormatException;
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
    /// @throws FormatException if its log has no evaluation, or is none
    public static BestEvaluation read(Path directory) {
        Path file = directory.resolve(MetricsLog.EVENTS);
        JsonNode best = null;
        try {
            for (String line : Files.readAllLines(file)) {
                JsonNode event = new ObjectMapper().readTree(line);
                best = event.path("best").asBoolean(false) ? event : best;
            }
        } catch (JsonProcessingException e) {
            throw new FormatException(file, null, "a JSON object in each line", e.getOriginalMessage(),
                    "The run's log was changed: mend it, or start anew in another directory.");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (best == null) {
            throw new FormatException(file, null, "an evaluation that was the best", "none",
                    "The run's log was changed: start anew in another directory.");
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
