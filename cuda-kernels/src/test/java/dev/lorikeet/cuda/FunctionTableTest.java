package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.UnaryFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Kernels of functions are found by name at run time, so that the compiler does not miss one that is forgotten.
class FunctionTableTest {
    /// One line of the table makes both kernels of a function, the forward and the backward one.
    @Test
    void every_function_has_its_line_in_the_source() throws IOException {
        String source;
        try (var file = Elementwise.class.getResourceAsStream("elementwise.cu")) {
            source = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(source).contains("void map_##name(", "void map_backward_##name(");
        assertThat(Pattern.compile("^FUNCTION\\((\\w+), \\w+\\)$", Pattern.MULTILINE).matcher(source).results()
                .map(line -> line.group(1)))
                .containsExactlyInAnyOrder(Arrays.stream(UnaryFunction.values())
                        .map(f -> f.name().toLowerCase(Locale.ROOT)).toArray(String[]::new));
    }
}
