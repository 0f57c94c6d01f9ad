package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubEnvironmentTest {
    private static final Endpoint OTHER = Endpoint.parse("https://hub.example.com", "");

    @TempDir
    private Path temp;

    private static HubEnvironment of(Map<String, String> variables) {
        return new HubEnvironment(variables::get);
    }

    private static Path home(String... names) {
        return Path.of(System.getProperty("user.home"), names);
    }

    @Test
    void the_cache_is_where_hugging_faces_tools_have_it() {
        assertThat(of(Map.of()).cache(null).root()).isEqualTo(home(".cache", "huggingface", "hub"));
        assertThat(of(Map.of("XDG_CACHE_HOME", "/x")).cache(null).root()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(of(Map.of("HF_HOME", "/h", "XDG_CACHE_HOME", "/x")).cache(null).root())
                .isEqualTo(Path.of("/h/hub"));
        assertThat(of(Map.of("HF_HOME", "~/h")).cache(null).root()).isEqualTo(home("h", "hub"));
        assertThat(of(Map.of("HF_HUB_CACHE", "/c", "HF_HOME", "/h")).cache(null).root()).isEqualTo(Path.of("/c"));
        assertThat(of(Map.of("HF_HUB_CACHE", "/c")).cache(Path.of("/given")).root()).isEqualTo(Path.of("/given"));
    }

    @Test
    void the_endpoint_is_the_given_one_or_the_environments_or_hugging_face() {
        assertThat(of(Map.of()).endpoint(null)).isEqualTo(Endpoint.HUGGING_FACE);
        assertThat(of(Map.of("HF_ENDPOINT", " ")).endpoint(null)).isEqualTo(Endpoint.HUGGING_FACE);
        assertThat(of(Map.of("HF_ENDPOINT", "https://hub.example.com/")).endpoint(null)).isEqualTo(OTHER);
        assertThat(of(Map.of("HF_ENDPOINT", "nonsense")).endpoint("https://hub.example.com")).isEqualTo(OTHER);
        assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", "nonsense")).endpoint(null))
                .isInstanceOf(HubInputException.class).hasMessageContaining("HF_ENDPOINT");
    }

    @Test
    void the_token_of_a_login_goes_to_hugging_face_alone() throws IOException {
        Files.writeString(temp.resolve("token"), "hf_saved\n");
        HubEnvironment environment = of(Map.of("HF_HOME", temp.toString()));
        assertThat(environment.token(null, Endpoint.HUGGING_FACE).bearer()).isEqualTo("Bearer hf_saved");
        assertThat(environment.token(null, OTHER).isGiven()).isFalse();
        HubEnvironment elsewhere =
                of(Map.of("HF_HOME", "/nowhere", "HF_TOKEN_PATH", temp.resolve("token").toString()));
        assertThat(elsewhere.token(null, Endpoint.HUGGING_FACE).bearer()).isEqualTo("Bearer hf_saved");
        assertThat(of(Map.of("HF_HOME", "/nowhere")).token(null, Endpoint.HUGGING_FACE).isGiven()).isFalse();
    }

    @Test
    void a_token_that_is_given_goes_where_it_is_told_to() throws IOException {
        Path file = Files.writeString(temp.resolve("mine"), " hf_mine \r\n");
        HubEnvironment environment = of(Map.of("HF_TOKEN", "hf_variable\n"));
        assertThat(environment.token(null, OTHER).bearer()).isEqualTo("Bearer hf_variable");
        assertThat(environment.token(file, OTHER).bearer()).isEqualTo("Bearer hf_mine");
        assertThat(environment.token(file, OTHER)).asString().doesNotContain("hf_");
    }

    @Test
    void what_can_be_no_token_is_refused_and_not_repeated() throws IOException {
        Path file = temp.resolve("mine");
        HubEnvironment none = of(Map.of());
        assertThatThrownBy(() -> none.token(file, OTHER)).isInstanceOf(HubInputException.class)
                .hasMessageContaining(file + ": no such file");
        for (String text : new String[] {"hf_a\nhf_b", "hf_a\r\nX-Evil: 1", "hf_ä", "hf_a b", "hf_\0"}) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> none.token(file, OTHER)).isInstanceOf(HubInputException.class)
                    .hasMessageContaining(file.toString()).message().doesNotContain("hf_");
            assertThatThrownBy(() -> of(Map.of("HF_TOKEN", text)).token(null, OTHER))
                    .isInstanceOf(HubInputException.class).hasMessageStartingWith("HF_TOKEN").message()
                    .doesNotContain("hf_");
        }
        Files.writeString(file, "\n");
        assertThatThrownBy(() -> none.token(file, OTHER)).hasMessageContaining("empty");
        Files.write(file, new byte[] {(byte) 0xc3, 0x28});
        assertThatThrownBy(() -> none.token(file, OTHER)).hasMessageContaining("no text");
        assertThatThrownBy(() -> none.token(temp, OTHER)).isInstanceOf(HubInputException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void whoever_is_offline_asks_nobody() {
        assertThatThrownBy(() -> of(Map.of("HF_HUB_OFFLINE", "1")).requireOnline())
                .isInstanceOf(HubInputException.class).hasMessageContaining("HF_HUB_OFFLINE");
        assertThatCode(() -> of(Map.of("HF_HUB_OFFLINE", "0")).requireOnline()).doesNotThrowAnyException();
        assertThatCode(() -> of(Map.of()).requireOnline()).doesNotThrowAnyException();
    }
}
