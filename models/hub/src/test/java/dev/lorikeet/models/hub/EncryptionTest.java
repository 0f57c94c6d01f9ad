package dev.lorikeet.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pulls over HTTPS, from a hub whose certificate the JDK's own tool made for this test.
class EncryptionTest {
    private static final byte[] WEIGHTS = FakeHub.noise(1, 200_000);
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path keys;

    private static SSLContext tls;

    @TempDir
    private Path cache;

    @BeforeAll
    static void make_a_certificate() throws Exception {
        Path store = keys.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "hub",
                "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", "-validity", "2",
                "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", new String(PASSWORD))
                .redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keyStore.load(in, PASSWORD);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keyStore, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hub", keyStore.getCertificate("hub"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        tls = SSLContext.getInstance("TLS");
        tls.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    }

    private static FakeHub hub(boolean tlsStorage) {
        return new FakeHub(tls, tlsStorage).with("config.json", "{}").with("model.safetensors", WEIGHTS);
    }

    private Pulls pulls(FakeHub hub) {
        return new Pulls(hub, cache).with(Token.of(FakeHub.SECRET, "HF_TOKEN"))
                .with(HttpClient.newBuilder().sslContext(tls).followRedirects(HttpClient.Redirect.NEVER).build());
    }

    @Test
    void a_model_arrives_over_https() {
        try (FakeHub hub = hub(true)) {
            assertThat(pulls(hub).fetch().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
            assertThat(hub.seen()).filteredOn(FakeHub.Seen::toStorage).isNotEmpty()
                    .noneMatch(seen -> seen.headers().containsKey("Authorization"));
        }
    }

    @Test
    void a_redirect_from_https_to_http_is_refused() {
        try (FakeHub hub = hub(false)) {
            assertThatThrownBy(() -> pulls(hub).fetch()).isInstanceOf(HubException.class)
                    .hasMessageContaining("from https to unencrypted http://127.0.0.1");
            assertThat(hub.seen()).noneMatch(FakeHub.Seen::toStorage);
        }
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused_at_once() {
        try (FakeHub hub = hub(true)) {
            Pulls pulls = pulls(hub).with(HubHttp.client());
            assertThatThrownBy(pulls::fetch).isInstanceOf(HubException.class)
                    .hasMessageContaining("certificate is not trusted").hasMessageContaining("trustStore");
            assertThat(pulls.notes).isEmpty();
            assertThat(hub.seen()).isEmpty();
        }
    }
}
