package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import dev.lorikeet.models.choice.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers that are no success, no description, no address or no file; and caches that cannot be used.
class BadAnswerTest extends BadHub {
    @Test
    void a_hub_that_does_not_answer_at_all_is_given_up() {
        pulls.with(Duration.ofMillis(100));
        hub.fault("GET", "/api/", ALWAYS, exchange -> hub.waitForClose());
        refused(HubException.class).hasMessageContaining("no answer").hasMessageContaining("4 attempts");
    }

    @Test
    void a_hub_that_nobody_runs_is_given_up() {
        hub.close();
        refused(HubException.class).hasMessageContaining(hub.endpoint()).hasMessageContaining("connection failed");
        assertThat(pulls.notes).hasSize(3);
    }

    @Test
    void a_host_that_does_not_exist_is_said_at_once() {
        pulls = new Pulls("http://no-such-host.invalid", cache);
        refused(HubException.class).hasMessageContaining("no host of the name 'no-such-host.invalid'");
        assertThat(pulls.notes).isEmpty();
    }

    @Test
    void a_hub_that_is_busy_is_asked_again_when_it_says_so() {
        hub.fault("GET", "/api/", 1, FakeHub.status(429, "Retry-After: 17"));
        hub.fault("HEAD", "config.json", 1, FakeHub.status(503, "Retry-After: " + DateTimeFormatter.RFC_1123_DATE_TIME
                .format(ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(100))));
        hub.fault("GET", "/bucket/", 2, FakeHub.status(429, "Retry-After: soon"));
        arrived();
        assertThat(pulls.pauses).hasSize(4);
        assertThat(pulls.pauses.get(0)).isEqualTo(Duration.ofSeconds(17));
        assertThat(pulls.pauses.get(1)).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(100));
        assertThat(pulls.pauses.subList(2, 4)).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3600", "9223372036854775807", "Fri, 31 Dec 9999 23:59:59 GMT"})
    void nobody_waits_an_hour_without_being_asked(String wait) {
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(429, "Retry-After: " + wait));
        refused(HubException.class).hasMessageContaining("429").hasMessageContaining("asks to wait");
        assertThat(pulls.pauses).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504, 507})
    void a_hub_that_stays_busy_is_given_up(int status) {
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(status));
        refused(HubException.class).hasMessageContaining("answered " + status).hasMessageContaining("4 attempts");
        assertThat(pulls.pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void a_token_that_is_refused_is_said_so() {
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(401, "X-Error-Message: bad " + FakeHub.SECRET + " \u009b2J"));
        refused(HubInputException.class).hasMessageContaining("answered 401").hasMessageContaining("check the name and")
                .hasMessageContaining("\"bad *** \\u009b2J\"");
    }

    @Test
    void a_token_that_the_hub_repeats_in_a_broken_header_is_not_shown() {
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(401, "X-Error-Message: " + FakeHub.SECRET + " \u001b[2J"));
        refused(HubException.class).hasMessageContaining("Invalid header value").hasMessageContaining("***")
                .message().doesNotContain("\u001b");
    }

    @Test
    void a_model_that_needs_a_token_says_how_to_give_one() {
        pulls.with(Token.NONE);
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(401));
        refused(HubInputException.class).hasMessageContaining("HF_TOKEN").satisfies(helpedBy("tokenFile"));
    }

    @Test
    void a_gated_model_says_where_to_accept_its_terms() {
        hub.fault("HEAD", "config.json", ALWAYS, FakeHub.status(403, "X-Error-Message: gated repo"));
        refused(HubInputException.class).hasMessageContaining("403").hasMessageContaining("\"gated repo\"")
                .hasMessageContaining(hub.endpoint() + "/owner/tiny");
    }

    @Test
    void a_model_that_does_not_exist_is_named() {
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(404));
        refused(HubInputException.class, new Revision("v9")).hasMessageContaining("404")
                .hasMessageContaining("'owner/tiny'").hasMessageContaining("'v9'");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304, 400, 418, 451})
    void other_answers_are_refused(int status) {
        hub.fault("GET", "/api/", ALWAYS, FakeHub.status(status));
        refused(HubException.class).hasMessageContaining("answered " + status);
        assertThat(pulls.pauses).isEmpty();
    }

    @Test
    void a_redirect_to_another_host_does_not_carry_the_token_wherever_it_happens() {
        HttpHandler away = exchange -> FakeHub.redirect(exchange, hub.elsewhere() + "/stolen");
        hub.fault("GET", "/api/", ALWAYS, away);
        refused(HubException.class);
        assertThat(hub.seen("GET", "/stolen")).isNotEmpty();
    }

    @Test
    void a_redirect_back_to_the_hub_over_another_host_is_followed() {
        hub.fault("GET", "/api/models/owner/tiny", 1, exchange -> FakeHub.redirect(exchange, hub.elsewhere() + "/go"));
        hub.fault("GET", "/go", 1, exchange -> FakeHub.redirect(exchange, hub.endpoint() + "/api/models/x/revision/y"));
        arrived();
    }

    @Test
    void redirects_in_a_circle_are_left() {
        hub.fault("GET", "/api/", ALWAYS, exchange -> FakeHub.redirect(exchange, "/api/again"));
        refused(HubException.class).hasMessageContaining("redirected more than 10 times").hasMessageContaining("again");
        assertThat(hub.seen()).hasSize(11);
    }

    static Stream<String> notWeb() {
        return Stream.of("", " ", "file:///etc/passwd", "ftp://127.0.0.1/x", "mailto:a@b", "http://", "http:x", "//",
                "http://exa mple/", "http://u:p@127.0.0.1/", "http://[::bad", "javascript:alert(1)", "http://a:b:c/");
    }

    @ParameterizedTest
    @MethodSource("notWeb")
    void redirects_to_something_else_than_a_web_address_are_refused(String location) {
        hub.fault("GET", "/api/", ALWAYS, exchange -> FakeHub.redirect(exchange, location));
        refused(HubException.class).hasMessageContaining("expected a redirect");
    }

    @Test
    void a_description_that_is_no_json_is_refused() {
        for (String answer : List.of("<html>please log in</html>", "{\"sha\":", "", "[]", "null", "{}", "\"x\"",
                "{\"sha\": \"main\", \"siblings\": []}", "{\"sha\": \"" + FakeHub.COMMIT + "\"}", "[".repeat(5000),
                "{\"sha\": \"" + FakeHub.COMMIT + "\", \"siblings\": {}}", "{\"sha\": 1, \"sha\": 2}",
                hub.description(true) + "x", hub.description(true).replace("\"size\":2,", "\"size\":-2,"),
                hub.description(true).replace("\"size\":2,", "\"size\":1e99,"))) {
            hub.fault("GET", "/api/", 1, exchange -> FakeHub.send(exchange, 200, answer));
            refused(HubException.class).hasMessageContaining("expected a hub's description of a repository")
                    .hasMessageContaining(hub.endpoint());
        }
    }

    @Test
    void a_description_without_end_is_left() {
        hub.fault("GET", "/api/", ALWAYS, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] blanks = " ".repeat(1 << 20).getBytes();
            for (int i = 0; i < 80; i++) {
                exchange.getResponseBody().write(blanks);
            }
        });
        refused(HubException.class).hasMessageContaining("at most 67,108,864 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../config.json", "a/../../config.json", "/etc/passwd", "..", "a//b", "a/./b",
        "a\\\\..\\\\b", "C:/x", "a\\u0000b", "a\\nb", ""})
    void names_that_lead_out_of_the_folder_are_refused(String name) throws IOException {
        String answer = hub.description(true).replace("\"config.json\"", "\"" + name + "\"");
        hub.fault("GET", "/api/", 1, exchange -> FakeHub.send(exchange, 200, answer));
        refused(HubException.class).hasMessageContaining("lead out");
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void shards_that_lead_out_of_the_folder_are_refused() {
        for (String shard : List.of("../x", "/x", "a/b", "..", "a\\\\b", "")) {
            String index = "{\"weight_map\": {\"w\": \"" + shard + "\"}}";
            try (FakeHub other = new FakeHub().with("config.json", "{}").with("model.safetensors.index.json", index)) {
                Pulls from = new Pulls(other, cache);
                assertThatThrownBy(from::fetch).hasMessageContaining("model.safetensors.index.json")
                        .hasMessageContaining("a file beside the index");
            }
        }
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void shards_that_are_not_there_are_named() {
        hub = new FakeHub().with("config.json", "{}")
                .with("model.safetensors.index.json", "{\"weight_map\": {\"w\": \"model-7.safetensors\"}}");
        pulls = new Pulls(hub, cache);
        refused(HubInputException.class).hasMessageContaining("model-7.safetensors");
    }

    @Test
    void an_empty_repository_and_one_without_a_model_are_refused() {
        hub = new FakeHub();
        pulls = new Pulls(hub, cache);
        refused(HubInputException.class).hasMessageContaining("owner/tiny").hasMessageContaining("empty");
        hub.with("config.json", "{}").with("tf_model.h5", WEIGHTS);
        refused(HubInputException.class).hasMessageContaining("tf_model.h5").hasMessageContaining("model.safetensors");
        hub.with("adapter_model.safetensors", WEIGHTS);
        refused(HubInputException.class).hasMessageContaining("adapter_config.json");
    }

    @Test
    void a_file_that_cannot_be_checked_is_refused() {
        hub.withoutDetails().fault("HEAD", "config.json", ALWAYS,
                FakeHub.status(200, "Content-Length: 2", "ETag: \"9b2cf535f27731c974343645a3985328\""));
        refused(HubException.class).hasMessageContaining("cannot be checked").hasMessageContaining("9b2cf535");
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void a_file_of_unknown_or_impossible_size_is_refused() {
        String tag = "ETag: \"" + FakeHub.hash("{}".getBytes()) + "\"";
        hub.withoutDetails();
        for (String size : List.of("X-Linked-Size: -1", "X-Linked-Size: two", "X-Linked-Size: 99999999999999999999")) {
            hub.fault("HEAD", "config.json", 1, FakeHub.status(200, tag, size));
            refused(HubException.class).hasMessageContaining("X-Linked-Size");
        }
    }

    @Test
    void a_hub_that_contradicts_itself_is_refused() {
        hub.fault("HEAD", FILE, 1, FakeHub.status(200, "X-Linked-Size: 7", "X-Linked-Etag: " + FakeHub.hash(WEIGHTS)));
        refused(HubException.class).hasMessageContaining("size 3000000").hasMessageContaining("found 7");
        hub.fault("HEAD", FILE, 1, FakeHub.status(200, "X-Linked-Size: 3000000", "X-Linked-Etag: " + "0".repeat(64)));
        refused(HubException.class).hasMessageContaining("hash SHA-256 " + FakeHub.hash(WEIGHTS));
        hub.fault("HEAD", FILE, 1, FakeHub.status(200, "X-Repo-Commit: " + "1".repeat(40)));
        refused(HubException.class).hasMessageContaining("commit " + FakeHub.COMMIT);
        refused(HubException.class, new Revision("1".repeat(40))).hasMessageContaining("expected commit 1111");
    }

    @Test
    void compressed_bytes_are_not_the_files() {
        hub.fault("GET", "/bucket/", ALWAYS, FakeHub.status(200, "Content-Encoding: gzip"));
        refused(HubException.class).hasMessageContaining("Content-Encoding gzip");
    }

    @Test
    void a_token_does_not_travel_unencrypted() {
        pulls = new Pulls("http://hub.example.com", cache).with(Token.of(FakeHub.SECRET, "HF_TOKEN"));
        refused(HubInputException.class).hasMessageContaining("unencrypted").hasMessageContaining("https");
    }

    @Test
    void a_cache_that_cannot_be_written_is_named() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "x");
        pulls = new Pulls(hub, file.resolve("cache"));
        refused(CacheException.class).hasMessageContaining(file.toString()).satisfies(helpedBy("cache"));
        pulls = new Pulls(hub, cache);
        Files.writeString(Files.createDirectories(cache.resolve("models--owner--tiny")).resolve("blobs"), "x");
        refused(CacheException.class).hasMessageContaining("blobs").satisfies(helpedBy("cache"));
    }

    private static Consumer<Throwable> helpedBy(String choice) {
        return failure -> assertThat(((Remedy) failure).choices()).containsExactly(choice);
    }

    @Test
    void a_disk_that_is_too_small_is_said_before() {
        long size = Long.MAX_VALUE / 2;
        hub.fault("GET", "/api/", 1, exchange -> FakeHub.send(exchange, 200,
                hub.description(true).replace("\"size\":" + SIZE, "\"size\":" + size)));
        hub.fault("HEAD", FILE, 1, FakeHub.status(200, "X-Linked-Size: " + size));
        refused(HubInputException.class).hasMessageContaining("room for %,d bytes".formatted(size + 2));
        assertThat(hub.seen("GET", "/resolve/")).isEmpty();
    }
}
