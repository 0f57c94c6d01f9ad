package dev.lorikeet.models.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Where a hub is, and the addresses of what it has.
///
/// @param root the hub's address without a slash at its end
public record Endpoint(URI root) {
    /// Hugging Face's own.
    public static final Endpoint HUGGING_FACE = Endpoint.parse("https://huggingface.co", "the default endpoint");

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /// @param source where the text comes from, for the message
    /// @throws HubInputException if it is not the address of a hub
    static Endpoint parse(String text, String source) {
        URI uri;
        try {
            uri = new URI(text.strip().replaceAll("/+$", ""));
        } catch (URISyntaxException e) {
            throw notOne(source, "something else (" + e.getReason() + ")");
        }
        boolean http = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
        if (!http || uri.getHost() == null) {
            throw notOne(source, "'" + Printable.printable(text) + "'");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw notOne(source, "a user, a query or a fragment in it");
        }
        return new Endpoint(uri);
    }

    private static HubInputException notOne(String source, String found) {
        return new HubInputException(
                "%s: expected the address of a hub such as https://huggingface.co, found %s".formatted(source, found),
                "endpoint");
    }

    /// What the hub says about a repository at a revision: its commit, its files with their sizes and hashes.
    URI repository(HubName name, String revision) {
        return URI.create("%s/api/models/%s/revision/%s?blobs=true".formatted(root, name, encoded(revision)));
    }

    /// A file of a commit.
    URI file(HubName name, String commit, String file) {
        String path = Arrays.stream(file.split("/")).map(Endpoint::encoded).collect(Collectors.joining("/"));
        return URI.create("%s/%s/resolve/%s/%s".formatted(root, name, commit, path));
    }

    /// The page on which people look at a repository.
    String page(HubName name) {
        return root + "/" + name;
    }

    /// Whether an address is served by the hub itself: the token may go there and nowhere else.
    boolean owns(URI uri) {
        return root.getScheme().equalsIgnoreCase(uri.getScheme())
                && root.getHost().equalsIgnoreCase(uri.getHost())
                && port(root) == port(uri);
    }

    /// Whether nobody on the way can read what is sent.
    boolean isPrivate() {
        return root.getScheme().equalsIgnoreCase("https") || LOOPBACK.contains(root.getHost());
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
