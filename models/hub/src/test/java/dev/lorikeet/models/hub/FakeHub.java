package dev.lorikeet.models.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/// A hub on this machine, and the storage that it sends its clients to for large files; both do as they are told to,
/// right or wrong.
public final class FakeHub implements AutoCloseable {
    /// The commit of every revision.
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /// Written into headers and bodies that nobody but the hub may see.
    public static final String SECRET = "hf_aSecretThatMustNotBeSeen";

    private static final int LARGE = 1000;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpServer hub;
    private final HttpServer storage;
    private final String scheme;
    private final String storageScheme;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedDeque<Fault> faults = new ConcurrentLinkedDeque<>();
    private boolean detailed = true;

    /// A request that came.
    ///
    /// @param toStorage whether it came to the storage and not to the hub
    public record Seen(boolean toStorage, String method, String path, Headers headers) {}

    /// Something that goes wrong on requests whose method and path begin and contain what is said.
    private record Fault(String method, String part, int[] times, HttpHandler handler) {
        boolean takes(HttpExchange exchange) {
            return exchange.getRequestMethod().equals(method) && exchange.getRequestURI().toString().contains(part)
                    && times[0]-- > 0;
        }
    }

    public FakeHub() {
        this(null, false);
    }

    /// @param tls        what the hub encrypts with, or null
    /// @param tlsStorage whether the storage does so, too
    FakeHub(SSLContext tls, boolean tlsStorage) {
        scheme = tls == null ? "http" : "https";
        hub = start(tls);
        storage = start(tlsStorage ? tls : null);
        storageScheme = tlsStorage ? "https" : "http";
        serve(hub, false, this::answer);
        serve(storage, true, exchange -> serveBytes(exchange, file(exchange), "\"storage-tag\""));
    }

    private HttpServer start(SSLContext tls) {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            HttpServer server = tls == null ? HttpServer.create(address, 0) : HttpsServer.create(address, 0);
            if (server instanceof HttpsServer encrypted) {
                encrypted.setHttpsConfigurator(new HttpsConfigurator(tls));
            }
            server.setExecutor(threads);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(HttpServer server, boolean isStorage, HttpHandler handler) {
        server.createContext("/", exchange -> {
            try (exchange) {
                seen.add(new Seen(isStorage, exchange.getRequestMethod(), exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders()));
                for (Fault fault : faults) {
                    if (fault.takes(exchange)) {
                        fault.handler().handle(exchange);
                        return;
                    }
                }
                handler.handle(exchange);
            }
        });
    }

    /// The hub's address.
    public String endpoint() {
        return scheme + "://127.0.0.1:" + hub.getAddress().getPort();
    }

    /// Another host, as far as anybody can tell: another port.
    String elsewhere() {
        return storageScheme + "://127.0.0.1:" + storage.getAddress().getPort();
    }

    /// Adds a file; those of 1000 bytes and more are stored as large ones.
    public FakeHub with(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    /// Adds a text file.
    public FakeHub with(String name, String content) {
        return with(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /// Bytes that look like nothing, the same each time.
    public static byte[] noise(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /// From now on the description has names only, as an older hub's.
    FakeHub withoutDetails() {
        detailed = false;
        return this;
    }

    /// Answers the next requests otherwise.
    ///
    /// @param part what their address contains
    public FakeHub fault(String method, String part, int times, HttpHandler handler) {
        faults.add(new Fault(method, part, new int[] {times}, handler));
        return this;
    }

    /// From now on it answers as it should.
    void clearFaults() {
        faults.clear();
    }

    /// What a file holds.
    byte[] content(String name) {
        return files.get(name);
    }

    /// The requests so far.
    List<Seen> seen() {
        return seen;
    }

    public List<Seen> seen(String method, String part) {
        return seen.stream().filter(s -> s.method().equals(method) && s.path().contains(part)).toList();
    }

    private byte[] file(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return files.get(path.substring(path.lastIndexOf('/') + 1));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.startsWith("/api/models/") && path.contains("/revision/")) {
            send(exchange, 200, description(detailed));
            return;
        }
        byte[] content = path.contains("/resolve/" + COMMIT + "/") ? file(exchange) : null;
        if (content == null) {
            send(exchange, 404, "no such file");
            return;
        }
        exchange.getResponseHeaders().add("X-Repo-Commit", COMMIT);
        if (content.length < LARGE) {
            serveBytes(exchange, content, "\"" + hash(content) + "\"");
            return;
        }
        exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + hash(content) + "\"");
        exchange.getResponseHeaders().add("X-Linked-Size", String.valueOf(content.length));
        redirect(exchange, elsewhere() + "/bucket/" + path.substring(path.lastIndexOf('/') + 1) + "?signature=abc");
    }

    /// What the API says of the repository.
    String description(boolean details) {
        ObjectNode root = new ObjectMapper().createObjectNode().put("id", "owner/tiny").put("sha", COMMIT);
        ArrayNode siblings = root.putArray("siblings");
        files.forEach((name, content) -> {
            ObjectNode file = siblings.addObject().put("rfilename", name);
            if (details) {
                file.put("size", content.length).put("blobId", gitHash(content));
                if (content.length >= LARGE) {
                    file.putObject("lfs").put("sha256", hash(content)).put("size", content.length);
                }
            }
        });
        return root.toString();
    }

    /// Sends bytes as a server with ranges does.
    void serveBytes(HttpExchange exchange, byte[] content, String etag) throws IOException {
        Headers asked = exchange.getRequestHeaders();
        Headers headers = exchange.getResponseHeaders();
        headers.set("ETag", etag);
        String range = asked.getFirst("Range");
        boolean fresh = asked.getFirst("If-Range") == null || asked.getFirst("If-Range").equals(etag);
        int start = range == null || !fresh ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
        } else if (start > 0 && start >= content.length) {
            exchange.sendResponseHeaders(416, -1);
        } else {
            if (start > 0) {
                headers.set("Content-Range", "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
            }
            body(exchange, start > 0 ? 206 : 200, Arrays.copyOfRange(content, start, content.length));
        }
    }

    private static void body(HttpExchange exchange, int status, byte[] content) throws IOException {
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        if (content.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(content);
            }
        }
    }

    static void send(HttpExchange exchange, int status, String content) throws IOException {
        body(exchange, status,
                exchange.getRequestMethod().equals("HEAD") ? new byte[0] : content.getBytes(StandardCharsets.UTF_8));
    }

    static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().add("Location", location);
        exchange.sendResponseHeaders(302, -1);
    }

    /// Announces all of a file, sends its beginning and closes the connection.
    HttpHandler drop(String file, int after) {
        return exchange -> {
            byte[] content = files.get(file);
            String range = exchange.getRequestHeaders().getFirst("Range");
            int start = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
            exchange.getResponseHeaders().set("ETag", "\"storage-tag\"");
            if (start > 0) {
                exchange.getResponseHeaders().set("Content-Range",
                        "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
            }
            exchange.sendResponseHeaders(start > 0 ? 206 : 200, content.length - start);
            exchange.getResponseBody().write(content, start, after);
            exchange.getResponseBody().flush();
        };
    }

    /// Announces all of a file, sends its beginning and then nothing more.
    public HttpHandler stall(String file, int after) {
        return exchange -> {
            exchange.sendResponseHeaders(200, files.get(file).length);
            exchange.getResponseBody().write(files.get(file), 0, after);
            exchange.getResponseBody().flush();
            waitForClose();
        };
    }

    /// Does not answer.
    void waitForClose() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// An answer with a status and headers, `"Name: value"`.
    static HttpHandler status(int status, String... headers) {
        return exchange -> {
            for (String header : headers) {
                exchange.getResponseHeaders().add(header.substring(0, header.indexOf(':')),
                        header.substring(header.indexOf(':') + 2));
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    /// What a hub calls a file of this content.
    static String hash(byte[] content) {
        return content.length >= LARGE
                ? digest(Checksum.Form.SHA256, content) : gitHash(content);
    }

    private static String gitHash(byte[] content) {
        return digest(Checksum.Form.GIT_BLOB, content);
    }

    private static String digest(Checksum.Form form, byte[] content) {
        Checksum any = Checksum.of(form, "0".repeat(form == Checksum.Form.SHA256 ? 64 : 40)).orElseThrow();
        MessageDigest digest = any.start(content.length);
        digest.update(content);
        return any.result(digest).hex();
    }

    @Override
    public void close() {
        closed.countDown();
        hub.stop(0);
        storage.stop(0);
        threads.shutdownNow();
    }
}
