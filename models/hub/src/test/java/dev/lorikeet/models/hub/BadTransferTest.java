package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transfers that break, stall, or bring something else than was announced.
class BadTransferTest extends BadHub {
    /// The offset that a range begins at. A connection that breaks takes some of its last bytes along.
    private static long start(String range) {
        return Long.parseLong(range.substring("bytes=".length(), range.length() - 1));
    }

    private List<String> ranges() {
        return hub.seen("GET", "/bucket/" + FILE).stream().map(seen -> seen.headers().getFirst("Range")).toList();
    }

    @Test
    void a_dropped_connection_goes_on_where_it_ended() {
        hub.fault("GET", "/bucket/" + FILE, 1, hub.drop(FILE, 1_000_000));
        arrived();
        assertThat(ranges()).hasSize(2);
        assertThat(start(ranges().getLast())).isBetween(1L, 1_000_000L);
        assertThat(hub.seen("GET", "/bucket/" + FILE).getLast().headers().getFirst("If-Range"))
                .isEqualTo("\"storage-tag\"");
        assertThat(pulls.notes).hasSize(1).first().asString()
                .contains("/bucket/" + FILE, " of 3,000,000 bytes", "trying again").doesNotContain("signature");
        assertThat(pulls.pauses).containsExactly(Duration.ofSeconds(1));
    }

    @Test
    void a_line_that_drops_often_but_brings_something_each_time_is_not_given_up() {
        hub = new FakeHub().with("config.json", "{}").with(FILE, FakeHub.noise(9, 12 << 20));
        hub.fault("GET", "/bucket/" + FILE, 8, hub.drop(FILE, 1_300_000));
        Path directory = new Pulls(hub, cache).fetch();
        assertThat(directory.resolve(FILE)).hasBinaryContent(FakeHub.noise(9, 12 << 20));
        assertThat(ranges()).hasSize(9);
    }

    @Test
    void a_line_that_brings_next_to_nothing_is_given_up_and_the_next_pull_goes_on() throws IOException {
        hub.fault("GET", "/bucket/" + FILE, 4, hub.drop(FILE, 100_000));
        refused(HubException.class).hasMessageContaining(" of 3,000,000 bytes").hasMessageContaining("kept");
        long here = Files.size(part());
        assertThat(here).isBetween(1L, 400_000L);
        assertThat(pulls.plan().missing()).isEqualTo(SIZE - here);
        arrived();
        assertThat(start(ranges().getLast())).isEqualTo(here);
        assertThat(pulls.started).endsWith("model.safetensors %d/3000000".formatted(here));
    }

    @Test
    void another_process_goes_on_from_what_an_interrupted_one_has_left() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), Arrays.copyOf(WEIGHTS, 2_999_999));
        arrived();
        assertThat(ranges()).containsExactly("bytes=2999999-");
    }

    @Test
    void a_part_that_is_whole_is_only_checked() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), WEIGHTS);
        arrived();
        assertThat(ranges()).isEmpty();
    }

    @Test
    void a_damaged_beginning_is_found_by_the_hash_and_fetched_again() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), FakeHub.noise(7, 1000));
        arrived();
        assertThat(ranges()).containsExactly("bytes=1000-", null);
        assertThat(pulls.notes).hasSize(1).first().asString().contains("damaged");
    }

    @Test
    void a_beginning_that_is_too_long_is_thrown_away() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), FakeHub.noise(7, SIZE + 1));
        arrived();
        assertThat(ranges()).containsExactly((String) null);
    }

    @Test
    void a_storage_whose_file_has_changed_sends_all_of_it() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), Arrays.copyOf(WEIGHTS, 1000));
        Files.writeString(part().resolveSibling(part().getFileName() + ".etag"), "\"older-tag\"");
        arrived();
        assertThat(ranges()).containsExactly("bytes=1000-");
    }

    @Test
    void a_storage_that_says_416_is_asked_for_all_of_it() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), Arrays.copyOf(WEIGHTS, 1000));
        hub.fault("GET", "/bucket/" + FILE, 1, FakeHub.status(416));
        arrived();
        assertThat(ranges()).containsExactly("bytes=1000-", null);
    }

    @Test
    void a_storage_that_says_416_to_everything_is_refused() {
        hub.fault("GET", "/bucket/" + FILE, ALWAYS, FakeHub.status(416));
        refused(HubException.class).hasMessageContaining("416");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 0-2999999/3000000", "bytes 1000-2999999/4000000", "bytes 1001-2999999/3000000",
        "bytes 1000-1999/3000000", "nonsense", "bytes 1000-99999999999999999999/3000000"})
    void a_wrong_content_range_is_refused(String range) throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), Arrays.copyOf(WEIGHTS, 1000));
        hub.fault("GET", "/bucket/" + FILE, ALWAYS, FakeHub.status(206, "Content-Range: " + range));
        refused(HubException.class).hasMessageContaining("bytes 1000-2999999/3000000").hasMessageContaining(range);
        assertThat(part()).hasSize(1000);
    }

    @Test
    void a_part_that_nobody_asked_for_is_refused() {
        hub.fault("GET", "/bucket/" + FILE, ALWAYS,
                FakeHub.status(206, "Content-Range: bytes 1000-2999999/3000000"));
        refused(HubException.class).hasMessageContaining("the whole file");
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE - 1, SIZE + 1, 10})
    void a_wrong_length_is_refused_before_anything_is_written(int length) {
        hub.fault("GET", "/bucket/" + FILE, ALWAYS,
                exchange -> hub.serveBytes(exchange, FakeHub.noise(1, length), "\"x\""));
        refused(HubException.class).hasMessageContaining("expected 3,000,000 bytes")
                .hasMessageContaining("found %,d bytes".formatted(length));
    }

    @Test
    void a_body_without_end_is_cut_where_the_file_ends() {
        hub.fault("GET", "/bucket/" + FILE, ALWAYS, exchange -> {
            exchange.sendResponseHeaders(200, 0);     // chunked: no length is announced
            byte[] noise = FakeHub.noise(1, SIZE);
            for (int i = 0; i < 100; i++) {
                exchange.getResponseBody().write(noise);
            }
        });
        refused(HubException.class).hasMessageContaining("found more");
        assertThat(part()).doesNotExist();
    }

    @Test
    void a_chunked_body_that_ends_early_is_gone_on_with() {
        hub.fault("GET", "/bucket/" + FILE, 1, exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"storage-tag\"");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(WEIGHTS, 0, 500);
            exchange.getResponseBody().close();
        });
        arrived();
        assertThat(ranges()).containsExactly(null, "bytes=500-");
    }

    @Test
    void a_wrong_hash_is_refused_and_nothing_is_kept() {
        byte[] wrong = WEIGHTS.clone();
        wrong[SIZE / 2] ^= 1;
        hub.fault("GET", "/bucket/" + FILE, ALWAYS, exchange -> hub.serveBytes(exchange, wrong, "\"x\""));
        refused(HubException.class).hasMessageContaining("expected SHA-256 " + FakeHub.hash(WEIGHTS))
                .hasMessageContaining("found SHA-256 " + FakeHub.hash(wrong)).hasMessageContaining("not kept");
        assertThat(part()).doesNotExist();
    }

    @Test
    void a_small_file_with_a_wrong_hash_is_refused_too() {
        hub.fault("GET", "/resolve/" + FakeHub.COMMIT + "/config.json", ALWAYS,
                exchange -> hub.serveBytes(exchange, "[]".getBytes(), "\"x\""));
        refused(HubException.class).hasMessageContaining("config.json")
                .hasMessageContaining("expected git blob " + FakeHub.hash("{}".getBytes()));
    }

    @Test
    void a_silent_storage_is_left_and_asked_again() {
        pulls.with(Duration.ofMillis(1500));
        hub.fault("GET", "/bucket/" + FILE, 1, hub.stall(FILE, 2000));
        arrived();
        assertThat(pulls.notes).hasSize(1).first().asString().contains("nothing came", "2,000 of 3,000,000 bytes");
        assertThat(ranges()).containsExactly(null, "bytes=2000-");
    }

    @Test
    void two_pulls_at_a_time_fetch_once() throws Exception {
        Pulls second = new Pulls(hub, cache);
        hub.fault("GET", "/bucket/" + FILE, 1, exchange -> {
            try {
                while (second.notes.isEmpty()) {
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            hub.serveBytes(exchange, WEIGHTS, "\"storage-tag\"");
        });
        Thread other = Thread.ofVirtual().start(() -> pulls.fetch());
        while (hub.seen("GET", "/bucket/" + FILE).isEmpty()) {
            Thread.sleep(5);
        }
        assertThat(second.fetch().resolve(FILE)).hasBinaryContent(WEIGHTS);
        other.join();
        assertThat(second.notes).containsExactly(FILE + ": another process is fetching it; waiting");
        assertThat(hub.seen("GET", "/bucket/" + FILE)).hasSize(1);
    }

    @Test
    void an_interrupted_pull_keeps_what_it_has() throws Exception {
        hub.fault("GET", "/bucket/" + FILE, 1, hub.stall(FILE, 5000));
        Throwable[] thrown = new Throwable[1];
        Retries slow = new Retries(3, Thread::sleep, pulls);
        pulls.with(Duration.ofMillis(300));
        HubPull pull = new HubPull(Endpoint.parse(hub.endpoint(), ""), Token.NONE, pulls.cache,
                new HubPull.Connection(HubHttp.client(), Duration.ofMillis(300)), slow, pulls);
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                pull.fetch(pull.plan(Pulls.NAME, Revision.MAIN));
            } catch (HubException e) {
                thrown[0] = e;
            }
        });
        while (pulls.notes.isEmpty()) {
            Thread.sleep(5);
        }
        thread.interrupt();
        thread.join();
        assertThat(thrown[0]).hasMessageContaining("interrupted").hasMessageContaining("kept");
        assertThat(part()).hasSize(5000);
        arrived();
    }
}
