package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.hub.FakeHub;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullCommandTest {
    private static final Path FIXTURES = Path.of("../src/test/resources/fixtures");

    @TempDir
    private Path temp;

    private FakeHub hub;
    private Path cache;
    private Path tokenFile;
    private String out;
    private String err;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub();
        cache = temp.resolve("cache");
        tokenFile = Files.writeString(temp.resolve("token.txt"), FakeHub.SECRET + "\n");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private void serve(Path directory) throws IOException {
        for (File file : directory.toFile().listFiles(File::isFile)) {
            hub.with(file.getName(), Files.readAllBytes(file.toPath()));
        }
    }

    private int run(String... args) {
        StringWriter toOut = new StringWriter();
        StringWriter toErr = new StringWriter();
        int code = Main.run(new PrintWriter(toOut, true), new PrintWriter(toErr, true), args);
        out = toOut.toString();
        err = toErr.toString();
        assertThat(out + err).doesNotContain(FakeHub.SECRET);
        return code;
    }

    private int pull(String... more) {
        List<String> args = new ArrayList<>(List.of("pull", "owner/tiny", "--endpoint", hub.endpoint(), "--cache",
                cache.toString(), "--token-file", tokenFile.toString()));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    @Test
    void a_model_is_fetched_with_progress_and_its_directory_is_all_that_is_printed() throws IOException {
        serve(FIXTURES.resolve("gpt2-tiny"));
        assertThat(pull()).as("%s", err).isZero();
        Path directory = cache.resolve("models--owner--tiny/snapshots").resolve(FakeHub.COMMIT);
        assertThat(out.strip()).isEqualTo(directory.toString());
        assertThat(err).contains("model.safetensors [########################]", " MB/s  0:00 left", "fetched",
                FakeHub.COMMIT);
        assertThat(directory.resolve("model.safetensors"))
                .hasSameBinaryContentAs(FIXTURES.resolve("gpt2-tiny/model.safetensors"));
        assertThat(run("inspect", directory.toString())).isZero();
        assertThat(out).contains("2 blocks, width 32");
        assertThat(pull()).isZero();
        assertThat(err).contains("of which 0 were fetched").doesNotContain("[#");
    }

    @Test
    void a_dry_run_prints_files_and_sizes_and_writes_nothing() throws IOException {
        serve(FIXTURES.resolve("gpt2-tiny"));
        assertThat(pull("--dry-run", "--revision", "v1")).as("%s", err).isZero();
        assertThat(out).contains("owner/tiny at commit " + FakeHub.COMMIT).doesNotContain("pytorch_model.bin")
                .containsPattern(" \\d[\\d,]*  config.json\n").containsPattern(" \\d[\\d,]*  model.safetensors\n")
                .contains("to fetch");
        assertThat(cache).doesNotExist();
        assertThat(pull()).isZero();
        assertThat(pull("--dry-run")).isZero();
        assertThat(out).contains("model.safetensors  (in the cache)", ", 0 to fetch");
    }

    @Test
    void what_was_given_wrongly_ends_with_2_and_what_fails_with_1() throws IOException {
        assertThat(run("pull", "../x")).isEqualTo(2);
        assertThat(err).contains("'../x'", "owner/name");
        assertThat(pull("--revision", "a..b")).isEqualTo(2);
        assertThat(pull()).isEqualTo(2);
        assertThat(err).contains("owner/tiny", "empty").doesNotContain("\tat ");
        assertThat(run("pull", "a", "--endpoint", "nonsense")).isEqualTo(2);
        assertThat(err).contains("'nonsense'", "(--endpoint)");
        assertThat(run("pull", "a", "--endpoint", hub.endpoint(), "--token-file", "nowhere")).isEqualTo(2);
        assertThat(err).contains("nowhere: no such file", "(--token-file)");
        cache = Files.writeString(temp.resolve("file"), "x");
        serve(FIXTURES.resolve("gpt2-tiny"));
        assertThat(pull()).isEqualTo(2);
        assertThat(err).contains(cache.toString(), "--cache");
        assertThat(run("pull", "a", "--endpoint", "http://no-such-host.invalid")).isEqualTo(1);
        assertThat(err).contains("no-such-host.invalid").doesNotContain("\tat ");
    }

    @Test
    void a_fetched_model_and_adapter_are_used_by_name_in_other_processes() throws Exception {
        serve(FIXTURES.resolve("gpt2-tiny"));
        hub.with("tokenizer_config.json", "{\"tokenizer_class\": \"LorikeetByteTokenizer\"}");
        assertThat(child("pull", "owner/tiny")).as("%s", err).isZero();
        hub.close();
        hub = new FakeHub();
        serve(FIXTURES.resolve("gpt2-peft-lora/adapter"));
        assertThat(child("pull", "owner/lora")).as("%s", err).isZero();
        hub.close();

        Path merged = temp.resolve("merged");
        assertThat(child("merge", "--base", "owner/tiny", "--adapter", "owner/lora", "--out", merged.toString()))
                .as("%s", err).isZero();
        assertThat(merged.resolve("model.safetensors")).exists();
        assertThat(child("tokenize", "--base", "owner/tiny@" + FakeHub.COMMIT)).as("%s", err).isZero();
        assertThat(child("inspect", "owner/lora")).as("%s", err).isZero();
        assertThat(child("generate", "--base", "owner/other", "Hi")).isEqualTo(2);
        assertThat(err).contains("owner/other: no such file or directory", cache.resolve("hub").toString(),
                "lorikeet pull owner/other").doesNotContain("\tat ");
    }

    @Test
    void a_pull_that_is_killed_is_gone_on_with_by_the_next() throws Exception {
        byte[] weights = FakeHub.noise(1, 2_000_000);
        hub.with("config.json", "{}").with("model.safetensors", weights);
        hub.fault("GET", "/bucket/model.safetensors", 1, hub.stall("model.safetensors", 700_000));
        Process killed = start("pull", "owner/tiny");
        Path blobs = cache.resolve("hub/models--owner--tiny/blobs");
        while (killed.isAlive() && size(blobs) < 700_000) {
            Thread.sleep(20);
        }
        assertThat(killed.isAlive()).isTrue();
        killed.destroyForcibly().waitFor();
        assertThat(child("pull", "owner/tiny")).as("%s", err).isZero();
        assertThat(Path.of(out.strip()).resolve("model.safetensors")).hasBinaryContent(weights);
        assertThat(hub.seen("GET", "/bucket/model.safetensors")).hasSize(2).last()
                .satisfies(seen -> assertThat(seen.headers().getFirst("Range")).isEqualTo("bytes=700000-"));
    }

    /// Bytes of the file that is being fetched.
    private static long size(Path blobs) {
        File[] parts = blobs.toFile().listFiles((_, name) -> name.endsWith(".part"));
        return parts == null ? 0 : Arrays.stream(parts).mapToLong(File::length).sum();
    }

    /// Runs a command in a JVM of its own, with the hub and the cache from the environment.
    private int child(String... args) throws Exception {
        int code = start(args).waitFor();
        out = Files.readString(temp.resolve("out"), StandardCharsets.UTF_8);
        err = Files.readString(temp.resolve("err"), StandardCharsets.UTF_8);
        assertThat(out + err).doesNotContain(FakeHub.SECRET);
        return code;
    }

    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-cp",
                System.getProperty("java.class.path"), "dev.lorikeet.models.cli.Main"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(
                Files.writeString(temp.resolve("input"), "Hi\n").toFile()));
        builder.redirectError(temp.resolve("err").toFile()).redirectOutput(temp.resolve("out").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("HF_"));
        builder.environment().put("HF_ENDPOINT", hub.endpoint());
        builder.environment().put("HF_HOME", cache.toString());
        builder.environment().put("HF_TOKEN", FakeHub.SECRET);
        return builder.start();
    }
}
