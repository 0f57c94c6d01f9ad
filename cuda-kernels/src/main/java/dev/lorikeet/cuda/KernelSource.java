package dev.lorikeet.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text of a [Unit] and of the headers that it includes, from the class path.
///
/// @param headers text by name, those that headers include as well
record KernelSource(Unit unit, String text, Map<String, String> headers) {
    private static final Pattern INCLUDE = Pattern.compile("^#include \"([^\"]+)\"", Pattern.MULTILINE);

    static KernelSource of(Unit unit) {
        String text = resource(unit.source() + ".cu");
        Map<String, String> headers = new LinkedHashMap<>();
        addHeaders(text, headers);
        return new KernelSource(unit, text, headers);
    }

    private static void addHeaders(String text, Map<String, String> headers) {
        Matcher include = INCLUDE.matcher(text);
        while (include.find()) {
            String name = include.group(1);
            if (!headers.containsKey(name)) {
                String header = resource(name);
                headers.put(name, header);
                addHeaders(header, headers);
            }
        }
    }

    private static String resource(String name) {
        try (InputStream stream = KernelSource.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the class path has no dev/lorikeet/cuda/" + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
