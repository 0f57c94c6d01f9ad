package dev.lorikeet.lora.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonJsonTest {
    @Test
    void objects_and_lists_are_indented_and_sorted_as_by_python() {
        Map<String, Object> value = new TreeMap<>(Map.of(
                "b", List.of(1, "x", List.of()), "a", Map.of(), "c", Map.of("k", true), "Z", 0.0));
        value.put("n", null);
        assertThat(PythonJson.dumps(value)).isEqualTo("""
                {
                  "Z": 0.0,
                  "a": {},
                  "b": [
                    1,
                    "x",
                    []
                  ],
                  "c": {
                    "k": true
                  },
                  "n": null
                }""");
    }

    @ParameterizedTest
    @CsvSource({"0.05, 0.05", "1.5, 1.5", "100.0, 100.0", "1e-5, 1e-05", "1.25e-7, 1.25e-07", "1e16, 1e+16",
        "0.0001, 0.0001", "123456789.5, 123456789.5", "-2e-300, -2e-300"})
    void floats_are_written_as_by_python(double value, String text) {
        assertThat(PythonJson.dumps(value)).isEqualTo(text);
    }

    @Test
    void texts_are_plain_ascii() {
        assertThat(PythonJson.dumps(Arrays.asList("a\"\\\n\t\u0001\u007f\u00e9", null)))
                .isEqualTo("[\n  \"a\\\"\\\\\\n\\t\\u0001\\u007f\\u00e9\",\n  null\n]");
    }
}
