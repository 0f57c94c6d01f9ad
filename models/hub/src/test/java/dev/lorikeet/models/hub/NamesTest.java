package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "FacebookAI/roberta-base", "a/b", "_x/y_1", "openai-community/gpt2-xl",
        "owner/model.v1.0"})
    void a_name_keeps_to_one_folder_and_back(String name) {
        Path directory = new HubCache(Path.of("cache")).snapshot(new HubName(name), FakeHub.COMMIT);
        assertThat(directory.getNameCount()).isEqualTo(4);
        assertThat(HubCache.nameOf(directory)).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/", "/a", "a/b/c", "..", "../x", "a/..", "a..b", "a--b", "-a", "a-", ".a", "a b",
        "a\\b", "a:b", "a%2fb", "a?b", "ä", "a\n", "x.git", "C:/x"})
    void what_is_no_name_is_refused(String text) {
        assertThatThrownBy(() -> new HubName(text)).isInstanceOf(HubInputException.class)
                .hasMessageContaining("owner/name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "v1.0", "refs/pr/1", FakeHub.COMMIT, "feature/x_y-z"})
    void revisions_are_branches_tags_and_commits(String text) {
        assertThat(new Revision(text).isCommit()).isEqualTo(text.equals(FakeHub.COMMIT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../main", "a/../b", "/main", "main/", "a//b", "-x", "a b", "a\\b", "a:b", "a\0"})
    void what_could_lead_out_of_the_cache_is_no_revision(String text) {
        assertThatThrownBy(() -> new Revision(text)).isInstanceOf(HubInputException.class)
                .hasMessageContaining("revision");
    }

    @Test
    void addresses_are_escaped() {
        Endpoint hub = Endpoint.parse("https://hub.example.com/mirror/", "--endpoint");
        assertThat(hub.repository(new HubName("a/b"), "refs/pr/1").toString())
                .isEqualTo("https://hub.example.com/mirror/api/models/a/b/revision/refs%2Fpr%2F1?blobs=true");
        assertThat(hub.file(new HubName("a/b"), "c", "x y/ü?#%.json").toString())
                .isEqualTo("https://hub.example.com/mirror/a/b/resolve/c/x%20y/%C3%BC%3F%23%25.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://hub.example.com", "https://hub.example.com:443/x", "HTTPS://HUB.example.com/"})
    void the_hub_owns_its_origin(String address) {
        assertThat(Endpoint.parse("https://hub.example.com", "").owns(URI.create(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://hub.example.com", "https://hub.example.com:8443", "https://x.hub.example.com",
        "https://hub.example.com.evil.org", "https://example.com", "https://hub.example.com@evil.org"})
    void the_hub_owns_nothing_else(String address) {
        assertThat(Endpoint.parse("https://hub.example.com", "").owns(URI.create(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hub.example.com", "ftp://x", "file:///etc", "https://", "https://u:p@x", "https://x?q",
        "https://x#f", "https://exa mple", "/"})
    void what_is_no_endpoint_is_refused_without_being_quoted_with_a_password(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text, "--endpoint")).isInstanceOf(HubInputException.class)
                .hasMessageContaining("--endpoint").message().doesNotContain("u:p");
    }
}
