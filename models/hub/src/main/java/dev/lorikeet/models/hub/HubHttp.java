package dev.lorikeet.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Requests to a hub. Redirects are followed here and not by the JDK's client, so that it is decided here who gets the
/// token: the hub alone, never the storage that it sends its clients to.
final class HubHttp {
    private static final int MOST_REDIRECTS = 10;

    private final HttpClient client;
    private final Endpoint endpoint;
    private final Token token;
    private final Duration patience;
    private final HttpErrors refusals;

    /// @param client   follows no redirects
    /// @param patience how long a server may be silent
    HubHttp(HttpClient client, Endpoint endpoint, Token token, Duration patience, HttpErrors refusals) {
        if (token.isGiven() && !endpoint.isPrivate()) {
            throw new HubInputException(("%s: a token would travel unencrypted to this endpoint; give an https "
                    + "address, or no token").formatted(endpoint));
        }
        this.client = client;
        this.endpoint = endpoint;
        this.token = token;
        this.patience = patience;
        this.refusals = refusals;
    }

    /// A client as this class needs it.
    static HttpClient client() {
        return HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    Duration patience() {
        return patience;
    }

    /// An address as messages show it: without a query, which may hold a signature, and without the token.
    String show(URI uri) {
        String authority = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        return token.hide(Printable.printable(uri.getScheme() + "://" + authority + path));
    }

    /// Makes a request and follows redirects. A `HEAD` stays with the hub once it has told what it links to.
    ///
    /// @throws TransientException                if it may succeed later
    /// @throws HubException                      if it will not
    /// @throws HubInputException                 if the hub refuses what was asked for
    HubResponse send(String method, URI start, Map<String, String> headers) throws TransientException {
        List<HttpHeaders> fromHub = new ArrayList<>();
        URI uri = start;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = exchange(method, uri, headers);
            if (endpoint.owns(uri)) {
                fromHub.add(response.headers());
            }
            HubResponse answer = new HubResponse(
                    show(uri), response.statusCode(), response.headers(), fromHub, response.body());
            if (!isRedirect(answer.status())) {
                return accepted(answer);
            }
            URI next = target(uri, answer);
            if (method.equals("HEAD") && !endpoint.owns(next) && answer.hubHeader("X-Linked-Etag").isPresent()) {
                return answer;
            }
            answer.close();
            uri = next;
        }
        throw new HubException("%s: redirected more than %d times, last to %s; check the endpoint".formatted(
                show(start), MOST_REDIRECTS, show(uri)));
    }

    private HubResponse accepted(HubResponse answer) throws TransientException {
        if (answer.status() == 200 || answer.status() == 206 || answer.status() == 416) {
            String encoding = answer.headers().firstValue("Content-Encoding").orElse("identity");
            if (encoding.equalsIgnoreCase("identity")) {
                return answer;
            }
            answer.close();
            throw new HubException("%s: expected the file's own bytes, found Content-Encoding %s; check the endpoint"
                    .formatted(answer.shown(), Printable.printable(encoding)));
        }
        answer.close();
        throw refusals.of(answer, token);
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /// Where a redirect leads, if one may go there.
    private URI target(URI from, HubResponse answer) {
        String location = answer.headers().firstValue("Location").orElse("");
        URI next;
        try {
            next = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw misled(from, answer, location);
        }
        boolean web = "https".equalsIgnoreCase(next.getScheme()) || "http".equalsIgnoreCase(next.getScheme());
        if (location.isBlank() || !web || next.getHost() == null || next.getRawUserInfo() != null) {
            throw misled(from, answer, location);
        }
        if (from.getScheme().equalsIgnoreCase("https") && !next.getScheme().equalsIgnoreCase("https")) {
            answer.close();
            throw new HubException("%s: refused to follow a redirect from https to unencrypted %s; check the endpoint"
                    .formatted(show(from), show(next)));
        }
        return next;
    }

    private HubException misled(URI from, HubResponse answer, String location) {
        answer.close();
        return new HubException("%s: expected a redirect (status %d) to a web address, found '%s'; check the endpoint"
                .formatted(show(from), answer.status(),
                        token.hide(Printable.printable(location.replaceFirst("[?#].*", "")))));
    }

    private HttpResponse<InputStream> exchange(String method, URI uri, Map<String, String> headers)
            throws TransientException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, BodyPublishers.noBody())
                .header("User-Agent", "lorikeet")
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        if (token.isGiven() && endpoint.owns(uri)) {
            request.header("Authorization", token.bearer());
        }
        CompletableFuture<HttpResponse<InputStream>> response =
                client.sendAsync(request.build(), BodyHandlers.ofInputStream());
        try {
            return response.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            response.cancel(true);
            throw TransientException.failed("%s: no answer for %d s".formatted(show(uri), patience.toSeconds()), e);
        } catch (InterruptedException e) {
            response.cancel(true);
            throw Retries.interrupted(e);
        } catch (ExecutionException e) {
            throw unanswered(uri, e.getCause());
        }
    }

    /// Tells what a person has to repair from what may pass.
    private TransientException unanswered(URI uri, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                throw new HubException("%s: no host of the name '%s' is known; check the endpoint and the network"
                        .formatted(show(uri), uri.getHost()), failure);
            }
            if (cause instanceof CertificateException) {
                throw new HubException(("%s: the server's certificate is not trusted (%s); behind a proxy that "
                        + "inspects traffic, give its certificate with -Djavax.net.ssl.trustStore").formatted(
                                show(uri), Printable.printable(String.valueOf(cause.getMessage()))), failure);
            }
        }
        if (!(failure instanceof IOException)) {
            throw new HubException("%s: the request failed (%s)".formatted(
                    show(uri), token.hide(String.valueOf(failure))), token.isIn(failure) ? null : failure);
        }
        return TransientException.failed(
                "%s: %s".formatted(show(uri), reason((IOException) failure)), token.isIn(failure) ? null : failure);
    }

    /// What went wrong with a connection; the JDK often says nothing more than the kind of exception.
    String reason(IOException e) {
        String kind = e.getClass().getSimpleName();
        return e.getMessage() == null
                ? "the connection failed (" + kind + ")"
                : "the connection failed (%s: %s)".formatted(kind, token.hide(Printable.printable(e.getMessage())));
    }
}
