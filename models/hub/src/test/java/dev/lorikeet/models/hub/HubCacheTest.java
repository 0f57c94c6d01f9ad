package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubCacheTest {
    private static final HubName NAME = new HubName("owner/tiny");
    private static final byte[] CONTENT = FakeHub.noise(1, 10);

    @TempDir
    private Path temp;

    private HubCache cache;
    private Path snapshot;

    @BeforeEach
    void write_a_blob() throws IOException {
        cache = new HubCache(temp);
        snapshot = cache.snapshot(NAME, FakeHub.COMMIT);
        Path blob = cache.blob(NAME, file("x").checksum());
        Files.createDirectories(blob.getParent());
        Files.write(blob, CONTENT);
    }

    private static RemoteFile file(String name) {
        return new RemoteFile(name, CONTENT.length, Checksum.ofEtag(FakeHub.hash(CONTENT)).orElseThrow());
    }

    @Test
    void a_link_takes_the_place_of_whatever_was_there() throws IOException {
        Files.createDirectories(snapshot);
        Files.writeString(snapshot.resolve("config.json"), "a copy by a tool on a system without links");
        for (int i = 0; i < 2; i++) {
            cache.link(NAME, FakeHub.COMMIT, file("config.json"));
            assertThat(Files.isSymbolicLink(snapshot.resolve("config.json"))).isTrue();
            assertThat(snapshot.resolve("config.json")).hasBinaryContent(CONTENT);
        }
        assertThat(snapshot.toFile().list()).containsExactly("config.json");
    }

    @Test
    void a_file_below_a_folder_links_to_the_same_blobs() {
        cache.link(NAME, FakeHub.COMMIT, file("a/b/config.json"));
        assertThat(snapshot.resolve("a/b/config.json")).hasBinaryContent(CONTENT);
    }

    @Test
    void hard_links_of_one_file_replace_each_other_without_a_rest() throws IOException {
        Path blob = cache.blob(NAME, file("x").checksum());
        Path link = temp.resolve("link");
        for (int i = 0; i < 2; i++) {
            Path temporary = Files.createLink(temp.resolve("temporary"), blob);
            HubCache.replace(temporary, link);
            assertThat(temporary).doesNotExist();
            assertThat(link).hasBinaryContent(CONTENT);
        }
    }

    @Test
    void no_link_leaves_its_snapshot() {
        for (String name : new String[] {"../x", "a/../../x", "/x", ".", ""}) {
            assertThatThrownBy(() -> cache.link(NAME, FakeHub.COMMIT, file(name)))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(snapshot).doesNotExist();
    }

    @Test
    void a_blob_counts_only_with_its_size() throws IOException {
        assertThat(cache.has(NAME, file("x"))).isTrue();
        Files.write(cache.blob(NAME, file("x").checksum()), new byte[9]);
        assertThat(cache.has(NAME, file("x"))).isFalse();
    }
}
