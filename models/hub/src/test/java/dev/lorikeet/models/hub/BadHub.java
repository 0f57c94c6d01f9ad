package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A hub that is about to misbehave, and what has to hold whatever it does.
class BadHub {
    static final int SIZE = 3_000_000;
    static final byte[] WEIGHTS = FakeHub.noise(1, SIZE);
    static final String FILE = "model.safetensors";
    static final int ALWAYS = Integer.MAX_VALUE;

    @TempDir
    Path cache;

    FakeHub hub;
    Pulls pulls;

    @BeforeEach
    void start() {
        hub = new FakeHub().with("config.json", "{}").with(FILE, WEIGHTS);
        pulls = new Pulls(hub, cache).with(Token.of(FakeHub.SECRET, "HF_TOKEN"));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    final Path part() {
        return cache.resolve("models--owner--tiny/blobs").resolve(FakeHub.hash(WEIGHTS) + ".part");
    }

    /// The pull fails; the secret is in no message, the weights are under no name, and no revision is shown.
    final AbstractThrowableAssert<?, ? extends Throwable> refused(Class<? extends Exception> kind) {
        return refused(kind, Revision.MAIN);
    }

    final AbstractThrowableAssert<?, ? extends Throwable> refused(
            Class<? extends Exception> kind, Revision revision) {
        Throwable[] thrown = new Throwable[1];
        var refusal = assertThatThrownBy(() -> pulls.fetch(revision)).satisfies(failure -> thrown[0] = failure)
                .isExactlyInstanceOf(kind);
        for (Throwable cause = thrown[0]; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain(FakeHub.SECRET);
        }
        assertThat(pulls.notes).noneMatch(note -> note.contains(FakeHub.SECRET));
        assertThat(cache.resolve("models--owner--tiny/blobs").resolve(FakeHub.hash(WEIGHTS))).doesNotExist();
        assertThat(cache.resolve("models--owner--tiny/refs")).doesNotExist();
        assertThat(hub.seen()).filteredOn(FakeHub.Seen::toStorage)
                .noneMatch(seen -> seen.headers().containsKey("Authorization"));
        return refusal;
    }

    final void arrived() {
        assertThat(pulls.fetch().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(part()).doesNotExist();
        assertThat(part().resolveSibling(part().getFileName() + ".etag")).doesNotExist();
    }
}
