package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pulls that go well.
class HubPullTest {
    private static final byte[] WEIGHTS = FakeHub.noise(1, 300_000);

    @TempDir
    private Path cache;

    private FakeHub hub;
    private Pulls pulls;

    @BeforeEach
    void start() {
        hub = new FakeHub().with(".gitattributes", "x").with("README.md", "# tiny").with("config.json", "{}")
                .with("model.safetensors", WEIGHTS).with("pytorch_model.bin", FakeHub.noise(2, 300_000))
                .with("tf_model.h5", FakeHub.noise(3, 2000)).with("tokenizer.json", "{\"a\": 1}");
        pulls = new Pulls(hub, cache);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void config_tokenizer_and_safetensors_arrive_in_the_layout_of_hugging_face() throws IOException {
        Path directory = pulls.fetch();
        Path folder = cache.resolve("models--owner--tiny");
        assertThat(directory).isEqualTo(folder.resolve("snapshots").resolve(FakeHub.COMMIT));
        assertThat(directory.toFile().list())
                .containsExactlyInAnyOrder("config.json", "model.safetensors", "tokenizer.json");
        assertThat(directory.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(Files.readSymbolicLink(directory.resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs/" + FakeHub.hash(WEIGHTS)));
        assertThat(directory.resolve("config.json")).hasContent("{}");
        assertThat(folder.resolve("refs/main")).hasBinaryContent(FakeHub.COMMIT.getBytes());
        assertThat(folder.resolve("blobs").toFile().list()).hasSize(3).allMatch(name -> name.matches("[0-9a-f]+"));
        assertThat(pulls.total).isEqualTo(WEIGHTS.length + 2 + 8);
        assertThat(pulls.notes).isEmpty();
    }

    @Test
    void every_file_is_asked_from_the_commit_that_the_hub_named_first() {
        pulls.fetch();
        assertThat(hub.seen().stream().filter(s -> s.path().contains("/resolve/"))).isNotEmpty()
                .allMatch(s -> s.path().contains("/resolve/" + FakeHub.COMMIT + "/"));
    }

    @Test
    void what_is_here_is_not_fetched_again() {
        pulls.fetch();
        hub.seen().clear();
        PullPlan plan = pulls.plan();
        assertThat(plan.missing()).isZero();
        assertThat(plan.toFetch()).isZero();
        pulls.open().fetch(plan);
        assertThat(hub.seen("GET", "/resolve/")).isEmpty();
    }

    @Test
    void a_plan_writes_nothing() {
        PullPlan plan = pulls.plan();
        assertThat(plan.size()).isEqualTo(WEIGHTS.length + 2 + 8);
        assertThat(plan.missing()).isEqualTo(plan.size());
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void sizes_and_hashes_come_from_the_answers_for_the_files_if_the_description_has_none() {
        hub.withoutDetails();
        assertThat(pulls.fetch().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void bin_is_fetched_where_there_is_no_safetensors() {
        hub = new FakeHub().with("config.json", "{}").with("pytorch_model.bin", WEIGHTS).with("vocab.json", "{}");
        assertThat(new Pulls(hub, cache).fetch().toFile().list())
                .containsExactlyInAnyOrder("config.json", "pytorch_model.bin", "vocab.json");
    }

    @Test
    void all_shards_of_an_index_are_fetched_and_no_others() {
        String index = "{\"metadata\": {}, \"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": "
                + "\"model-2.safetensors\", \"c\": \"model-1.safetensors\"}}";
        hub = new FakeHub().with("config.json", "{}").with("model.safetensors.index.json", index)
                .with("model-1.safetensors", WEIGHTS).with("model-2.safetensors", FakeHub.noise(4, 5000))
                .with("model-3.safetensors", FakeHub.noise(5, 5000)).with("pytorch_model.bin", FakeHub.noise(6, 5000));
        pulls = new Pulls(hub, cache);
        assertThat(pulls.plan().files()).extracting(planned -> planned.file().name()).containsExactly(
                "config.json", "model.safetensors.index.json", "model-1.safetensors", "model-2.safetensors");
        assertThat(cache).isEmptyDirectory();
        Path directory = pulls.fetch();
        assertThat(directory.resolve("model-2.safetensors")).hasBinaryContent(FakeHub.noise(4, 5000));
        assertThat(ModelPath.resolve(Path.of("owner/tiny"), pulls.cache)).isEqualTo(directory);
    }

    @Test
    void an_adapter_is_its_config_and_its_weights() {
        hub = new FakeHub().with("adapter_config.json", "{}").with("adapter_model.safetensors", WEIGHTS)
                .with("adapter_model.bin", WEIGHTS).with("README.md", "x").with("optimizer.pt", WEIGHTS);
        assertThat(new Pulls(hub, cache).fetch().toFile().list())
                .containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
    }

    @Test
    void the_token_goes_to_the_hub_and_not_to_its_storage() {
        pulls.with(Token.of(FakeHub.SECRET + "\n", "HF_TOKEN")).fetch();
        List<FakeHub.Seen> toHub = hub.seen().stream().filter(s -> !s.toStorage()).toList();
        List<FakeHub.Seen> toStorage = hub.seen().stream().filter(FakeHub.Seen::toStorage).toList();
        assertThat(toHub).isNotEmpty()
                .allMatch(s -> ("Bearer " + FakeHub.SECRET).equals(s.headers().getFirst("Authorization")));
        assertThat(toStorage).isNotEmpty()
                .noneMatch(s -> s.headers().containsKey("Authorization"))
                .noneMatch(s -> s.headers().toString().contains(FakeHub.SECRET) || s.path().contains(FakeHub.SECRET));
    }

    @Test
    void a_renamed_repository_is_followed_with_the_token() {
        hub.fault("GET", "/api/models/owner/tiny/", 1,
                exchange -> FakeHub.redirect(exchange, "/api/models/new/tiny/revision/main?blobs=true"));
        pulls.with(Token.of(FakeHub.SECRET, "HF_TOKEN")).fetch();
        assertThat(hub.seen("GET", "/api/models/new/tiny/")).hasSize(1)
                .allMatch(s -> s.headers().containsKey("Authorization"));
    }

    @Test
    void another_revision_keeps_the_main_one() throws IOException {
        Path directory = pulls.fetch(new Revision("refs/pr/1"));
        assertThat(cache.resolve("models--owner--tiny/refs/refs/pr/1")).hasContent(FakeHub.COMMIT);
        assertThat(cache.resolve("models--owner--tiny/refs/main")).doesNotExist();
        assertThat(hub.seen("GET", "/revision/refs%2Fpr%2F1")).hasSize(1);
        assertThat(ModelPath.resolve(Path.of("owner/tiny@refs/pr/1"), pulls.cache)).isEqualTo(directory);
        assertThat(ModelPath.resolve(Path.of("owner/tiny@" + FakeHub.COMMIT), pulls.cache)).isEqualTo(directory);
        pulls.fetch(new Revision(FakeHub.COMMIT));
        assertThat(cache.resolve("models--owner--tiny/refs").toFile().list()).containsExactly("refs");
    }

    @Test
    void what_hugging_faces_tools_have_fetched_is_found_and_not_fetched_again() throws IOException {
        Path folder = cache.resolve("models--owner--tiny");
        Path snapshot = Files.createDirectories(folder.resolve("snapshots").resolve(FakeHub.COMMIT));
        Files.createDirectories(folder.resolve("blobs"));
        Files.write(folder.resolve("blobs").resolve(FakeHub.hash(WEIGHTS)), WEIGHTS);
        Files.createSymbolicLink(snapshot.resolve("model.safetensors"),
                Path.of("../../blobs/" + FakeHub.hash(WEIGHTS)));
        pulls.fetch();
        assertThat(hub.seen("GET", "model.safetensors")).isEmpty();
        assertThat(snapshot.resolve("config.json")).exists();
    }

    @Test
    void an_empty_file_is_a_file() {
        hub.with("merges.txt", "");
        assertThat(pulls.fetch().resolve("merges.txt")).isEmptyFile();
    }
}
