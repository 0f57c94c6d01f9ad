package dev.lorikeet.models.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One JSON object per line: `{"prompt": "…", "completion": "…"}`. The paper's own converted files say `context`
/// instead of `prompt`, which is understood too. Other fields are left alone, blank lines skipped.
public final class JsonLines {
    private static final String FORM = "`{\"prompt\": \"…\", \"completion\": \"…\"}`";

    private JsonLines() {
    }

    /// All pairs of the file in its order.
    ///
    /// @throws DataException if the file is missing or empty, or a line is not such an object
    public static List<TextPair> pairs(Path file) {
        ObjectReader json = new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        List<String> lines = DataFile.lines(file);
        var pairs = new ArrayList<TextPair>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                pairs.add(pair(file, i + 1, lines.get(i), json));
            }
        }
        return pairs;
    }

    private static TextPair pair(Path file, int line, String text, ObjectReader json) {
        JsonNode node;
        try {
            node = json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new DataException(file, line, FORM, DataException.quote(text) + " (" + e.getOriginalMessage() + ")");
        }
        String prompt = node.has("prompt") ? "prompt" : "context";
        if (!node.path(prompt).isTextual() || !node.path("completion").isTextual()) {
            throw new DataException(file, line, FORM, DataException.quote(text));
        }
        return new TextPair(node.get(prompt).textValue(), node.get("completion").textValue());
    }
}
