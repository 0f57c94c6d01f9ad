package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {
    /// `printf 'hello\n' | git hash-object --stdin`
    private static final String GIT = "ce013625030ba8dba906f756967f9e9ca394464a";

    /// `printf 'hello\n' | sha256sum`
    private static final String SHA256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    private static Checksum of(Checksum expected, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = expected.start(bytes.length);
        digest.update(bytes);
        return expected.result(digest);
    }

    @Test
    void a_file_hashes_to_what_git_and_sha256sum_say() {
        Checksum git = Checksum.ofEtag("\"" + GIT + "\"").orElseThrow();
        Checksum sha256 = Checksum.ofEtag("\"" + SHA256 + "\"").orElseThrow();
        assertThat(git.form()).isEqualTo(Checksum.Form.GIT_BLOB);
        assertThat(sha256.form()).isEqualTo(Checksum.Form.SHA256);
        assertThat(of(git, "hello\n")).isEqualTo(git);
        assertThat(of(sha256, "hello\n")).isEqualTo(sha256);
        assertThat(of(git, "hello")).isNotEqualTo(git);
        assertThat(of(sha256, "hello")).isNotEqualTo(sha256);
    }

    @ParameterizedTest
    @ValueSource(strings = {GIT, "\"" + GIT + "\"", "W/\"" + GIT + "\"", "  \"" + GIT + "\" "})
    void an_etag_is_read_in_all_its_forms(String etag) {
        assertThat(Checksum.ofEtag(etag)).contains(new Checksum(Checksum.Form.GIT_BLOB, GIT));
        assertThat(Checksum.ofEtag(etag.replaceAll("[a-f]", "A"))).get()
                .extracting(Checksum::hex).asString().doesNotContain("A");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"", "\"\"", "W/", "abc", "\"9b2cf535f27731c974343645a3985328\"", "../../etc/passwd",
        "ce013625030ba8dba906f756967f9e9ca394464", "ce013625030ba8dba906f756967f9e9ca39446zz"})
    void what_is_no_hash_is_none(String etag) {
        assertThat(Checksum.ofEtag(etag)).isEmpty();
    }
}
