package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Hundreds of broken answers: a pull ends with the right bytes or with an error that says why, and writes nowhere but
/// into its cache.
class HubFuzzTest {
    private static final byte[] WEIGHTS = FakeHub.noise(1, 3000);
    private static final String INDEX =
            "{\"metadata\": {\"total_size\": 4500, \"comment\": \"" + "what no reader looks at ".repeat(12)
                    + "\"}, \"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"model-2.safetensors\"}}";
    private static final List<String> SPLINTERS = List.of("../", "/", "\\", "\"", "{", "}", "[", "]", ":", ",", "null",
            "-1", "1e400", "99999999999999999999", "true", "\u0000", "é", "\ud83d\ude00", "\r\n", "%2e%2e%2f", " ",
            "config.json", "model.safetensors", FakeHub.COMMIT, "0".repeat(64), "http://127.0.0.1:1/", "bytes 0-1/2");

    @TempDir
    private Path temp;

    private final HttpClient client = HubHttp.client();
    private int arrived;

    /// The text with a few places changed.
    private static String broken(Random random, String text) {
        StringBuilder result = new StringBuilder(text);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(result.length() + 1);
            int end = Math.min(result.length(), at + random.nextInt(12));
            switch (random.nextInt(5)) {
                case 0 -> result.setLength(at);
                case 1 -> result.delete(at, end);
                case 2 -> result.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
                case 3 -> result.replace(at, end, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
                default -> result.insert(at, result.substring(at, end));
            }
        }
        return result.toString();
    }

    /// A header's value cannot hold line breaks or characters beyond Latin-1: the JDK's server would not send it.
    private static String header(Random random, String value) {
        return broken(random, value).replaceAll("[^\\t\\x20-\\x7e\\x80-\\xff]", "");
    }

    /// One pull, from a hub whose answers were spoiled.
    private void pull(int seed, FakeHub hub) throws IOException {
        Path root = Files.createDirectories(temp.resolve("run" + seed));
        Path cache = root.resolve("deep/er/cache");
        Pulls pulls = new Pulls(hub, cache).with(client)
                .with(Duration.ofSeconds(5)).with(Token.of(FakeHub.SECRET, "HF_TOKEN"));
        try {
            Path directory = pulls.fetch();
            arrived++;
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    assertThat(file).as("seed %d", seed).hasBinaryContent(hub.content(file.getFileName().toString()));
                }
            }
        } catch (HubException | HubInputException | FormatException e) {
            assertThat(e.getMessage()).as("seed %d", seed).isNotBlank().doesNotContain(FakeHub.SECRET)
                    .doesNotContain("\u0000");
        }
        assertThat(root.toFile().list()).as("seed %d", seed).isSubsetOf("deep");
        if (Files.exists(root.resolve("deep/er"))) {
            assertThat(root.resolve("deep").toFile().list()).containsExactly("er");
            assertThat(root.resolve("deep/er").toFile().list()).containsExactly("cache");
        }
        assertThat(hub.seen()).as("seed %d", seed).filteredOn(FakeHub.Seen::toStorage)
                .noneMatch(seen -> seen.headers().containsKey("Authorization"));
        hub.seen().clear();
    }

    private static FakeHub single() {
        return new FakeHub().with("config.json", "{}").with("model.safetensors", WEIGHTS)
                .with("vocab.json", "{\"a\": 0}");
    }

    @Test
    void broken_descriptions() throws IOException {
        try (FakeHub hub = single()) {
            for (int seed = 0; seed < 300; seed++) {
                String answer = broken(new Random(seed), hub.description(seed % 3 > 0));
                hub.fault("GET", "/api/", 1, exchange -> FakeHub.send(exchange, 200, answer));
                pull(seed, hub);
            }
        }
        assertThat(arrived).isBetween(10, 200);
    }

    @Test
    void broken_indices() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            try (FakeHub hub = new FakeHub().with("config.json", "{}").with("model-1.safetensors", WEIGHTS)
                    .with("model-2.safetensors", FakeHub.noise(2, 1500))
                    .with("model.safetensors.index.json", broken(new Random(seed), INDEX))) {
                pull(seed, hub);
            }
        }
        assertThat(arrived).isBetween(10, 190);
    }

    @Test
    void broken_headers() throws IOException {
        try (FakeHub hub = single()) {
            for (int seed = 0; seed < 150; seed++) {
                Random random = new Random(seed);
                String method = random.nextInt(3) == 0 ? "HEAD" : "GET";
                String part = List.of("/api/", "config.json", "/resolve/", "/bucket/").get(random.nextInt(4));
                hub.clearFaults();
                hub.fault(method, part, 1 + random.nextInt(3), exchange -> spoiled(random, hub, exchange));
                pull(seed, hub);
            }
        }
        assertThat(arrived).isBetween(20, 145);
    }

    private static void spoiled(Random random, FakeHub hub, HttpExchange exchange) throws IOException {
        List<String> values = List.of("ETag", "\"" + FakeHub.hash(WEIGHTS) + "\"", "X-Linked-Etag",
                FakeHub.hash(WEIGHTS), "X-Linked-Size", "3000", "X-Repo-Commit", FakeHub.COMMIT, "Location",
                hub.elsewhere() + "/bucket/model.safetensors", "Content-Range", "bytes 100-2999/3000", "Retry-After",
                "1", "X-Error-Message", "no " + FakeHub.SECRET, "Content-Encoding", "identity");
        Headers headers = exchange.getResponseHeaders();
        for (int i = 0; i < values.size(); i += 2) {
            if (random.nextInt(3) > 0) {
                String value = values.get(i + 1);
                headers.set(values.get(i), random.nextBoolean() ? value : header(random, value));
            }
        }
        int status = List.of(200, 200, 200, 206, 301, 302, 302, 307, 401, 404, 416, 429, 500, 503, 599, 299)
                .get(random.nextInt(16));
        boolean empty = exchange.getRequestMethod().equals("HEAD") || random.nextInt(3) == 0;
        byte[] body = empty ? new byte[0] : broken(random, "x".repeat(random.nextInt(4000)))
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : random.nextBoolean() ? body.length : 0);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }
}
