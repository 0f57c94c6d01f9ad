package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPathTest {
    @TempDir
    private Path temp;

    private Path snapshot(String name, String... files) throws IOException {
        HubName hubName = new HubName(name);
        Path directory = Files.createDirectories(new HubCache(temp).snapshot(hubName, FakeHub.COMMIT));
        for (String file : files) {
            Files.writeString(directory.resolve(file), "{\"weight_map\": {\"w\": \"model-1.safetensors\"}}");
        }
        new HubCache(temp).remember(hubName, Revision.MAIN, FakeHub.COMMIT);
        return directory;
    }

    private Path resolve(String given) {
        return ModelPath.resolve(Path.of(given), new HubCache(temp));
    }

    @Test
    void a_path_that_exists_is_meant_as_such() throws IOException {
        snapshot("models", "config.json", "model.safetensors");
        assertThat(resolve(temp.toString())).isEqualTo(temp);
        assertThat(resolve("src")).isEqualTo(Path.of("src"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "owner/tiny"})
    void a_fetched_model_is_found_by_its_name(String name) throws IOException {
        Path directory = snapshot(name, "config.json", "model.safetensors");
        assertThat(resolve(name)).isEqualTo(directory);
        assertThat(resolve(name + "@main")).isEqualTo(directory);
        assertThat(resolve(name + "@" + FakeHub.COMMIT)).isEqualTo(directory);
    }

    @Test
    void what_is_not_fetched_says_how_to_fetch_it() {
        assertThatThrownBy(() -> resolve("owner/tiny")).isInstanceOf(HubInputException.class)
                .hasMessageContaining("owner/tiny").hasMessageContaining(temp.toString())
                .hasMessageEndingWith("lorikeet pull owner/tiny");
        assertThatThrownBy(() -> resolve("gpt2@v1")).hasMessageEndingWith("lorikeet pull gpt2 --revision v1");
    }

    @Test
    void what_is_no_name_is_no_file_or_directory() {
        assertThatThrownBy(() -> resolve("a/b/c")).isInstanceOf(HubInputException.class)
                .hasMessage("a/b/c: no such file or directory");
        assertThatThrownBy(() -> resolve("../nowhere")).hasMessage("../nowhere: no such file or directory");
        assertThatThrownBy(() -> resolve("gpt2@../x")).hasMessage("gpt2@../x: no such file or directory");
    }

    @Test
    void single_files_that_other_tools_have_fetched_are_no_model() throws IOException {
        snapshot("a", "config.json");
        snapshot("b", "model.safetensors");
        snapshot("c", "config.json", "adapter_model.safetensors");
        snapshot("d", "config.json", "model.safetensors.index.json");
        snapshot("e", "config.json", "model.safetensors.index.json", "model-1.safetensors");
        snapshot("f", "adapter_config.json", "adapter_model.bin");
        for (String name : new String[] {"a", "b", "c", "d"}) {
            assertThatThrownBy(() -> resolve(name)).hasMessageContaining("lorikeet pull " + name);
        }
        assertThat(resolve("e")).isDirectory();
        assertThat(resolve("f")).isDirectory();
    }

    @Test
    void a_broken_reference_is_none() throws IOException {
        snapshot("gpt2", "config.json", "model.safetensors");
        Files.writeString(temp.resolve("models--gpt2/refs/main"), "../../..");
        assertThatThrownBy(() -> resolve("gpt2")).hasMessageContaining("lorikeet pull gpt2");
    }

    @Test
    void only_a_snapshot_has_a_name() {
        assertThat(HubCache.nameOf(Path.of("my-gpt2"))).isEmpty();
        assertThat(HubCache.nameOf(Path.of("/"))).isEmpty();
        assertThat(HubCache.nameOf(Path.of("/models--a/blobs/x"))).isEmpty();
        assertThat(HubCache.nameOf(Path.of("/models--a--b/snapshots/x/"))).contains("a/b");
    }
}
