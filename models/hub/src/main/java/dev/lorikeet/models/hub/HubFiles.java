package dev.lorikeet.models.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;

/// Asks a hub what it has, without fetching it.
final class HubFiles {
    /// Descriptions and indices of shards are small; more than this is something else.
    private static final int LONGEST_ANSWER = 64 << 20;

    private final HubHttp http;
    private final Retries retries;

    HubFiles(HubHttp http, Retries retries) {
        this.http = http;
        this.retries = retries;
    }

    /// What the hub's API says at an address.
    Listing listing(URI uri) {
        return Listing.parse(http.show(uri), content(uri));
    }

    /// Size and hash of a file: what the answer for the file says and what the listing said have to agree.
    ///
    /// @param commit the commit that the file is asked from
    RemoteFile describe(URI uri, String name, String commit, Listing.Entry listed) {
        return retries.run(() -> {
            try (HubResponse answer = http.send("HEAD", uri, Map.of())) {
                if (answer.status() == 416) {
                    throw new HubException(answer.shown() + " answered 416 to HEAD, expected 200; check the endpoint");
                }
                requireCommit(answer, commit);
                return new RemoteFile(name, size(answer, listed), checksum(answer, listed));
            }
        });
    }

    private static void requireCommit(HubResponse answer, String commit) {
        Optional<String> found = answer.hubHeader("X-Repo-Commit");
        if (found.isPresent() && !found.get().strip().equalsIgnoreCase(commit)) {
            throw new HubException("%s: expected a file of commit %s, found one of %s; check the endpoint".formatted(
                    answer.shown(), commit, Printable.printable(found.get())));
        }
    }

    private static long size(HubResponse answer, Listing.Entry listed) {
        Optional<Long> said = HubResponse.bytes(answer.shown(), "X-Linked-Size", answer.hubHeader("X-Linked-Size"));
        if (said.isEmpty() && answer.status() == 200 && answer.contentLength().isPresent()) {
            said = Optional.of(answer.contentLength().getAsLong());
        }
        return agreed(answer, "size", said, listed.size());
    }

    private static Checksum checksum(HubResponse answer, Listing.Entry listed) {
        Optional<String> etag = answer.hubHeader("X-Linked-Etag");
        if (etag.isEmpty() && answer.status() == 200) {
            etag = answer.headers().firstValue("ETag");
        }
        Optional<Checksum> said = etag.flatMap(Checksum::ofEtag);
        if (said.isEmpty() && listed.checksum() == null) {
            throw new HubException(("%s: expected the file's SHA-256 or git hash in X-Linked-Etag or ETag, found %s; "
                    + "what cannot be checked is not fetched: give the endpoint of a Hugging Face-style hub").formatted(
                            answer.shown(), etag.map(tag -> "'" + Printable.printable(tag) + "'").orElse("neither")));
        }
        return agreed(answer, "hash", said, listed.checksum());
    }

    private static <T> T agreed(HubResponse answer, String what, Optional<T> said, T listed) {
        if (said.isEmpty() && listed == null) {
            throw new HubException("%s: expected the file's %s, found none; check the endpoint".formatted(
                    answer.shown(), what));
        }
        if (said.isPresent() && listed != null && !said.get().equals(listed)) {
            throw new HubException("%s: expected the %s %s that the repository's description says, found %s; run the "
                    .formatted(answer.shown(), what, listed, said.get()) + "same command again");
        }
        return said.orElse(listed);
    }

    /// The content of a small file, checked.
    byte[] content(URI uri, RemoteFile file) {
        byte[] content = content(uri);
        MessageDigest digest = file.checksum().start(content.length);
        digest.update(content);
        Checksum found = file.checksum().result(digest);
        if (!found.equals(file.checksum())) {
            throw new HubException("%s: expected %s, found %s; run the same command again".formatted(
                    http.show(uri), file.checksum(), found));
        }
        return content;
    }

    private byte[] content(URI uri) {
        return retries.run(() -> {
            try (HubResponse answer = http.send("GET", uri, Map.of())) {
                if (answer.status() != 200) {
                    throw new HubException("%s answered %d, expected 200; check the endpoint".formatted(
                            answer.shown(), answer.status()));
                }
                return read(answer);
            }
        });
    }

    private byte[] read(HubResponse answer) throws TransientException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        try (StallGuard guard = new StallGuard(answer.body(), http.patience())) {
            for (int n = answer.body().read(buffer); n >= 0; n = answer.body().read(buffer)) {
                guard.progress();
                content.write(buffer, 0, n);
                if (content.size() > LONGEST_ANSWER) {
                    throw new HubException("%s: expected at most %s, found more; check the endpoint".formatted(
                            answer.shown(), Printable.bytes(LONGEST_ANSWER)));
                }
            }
            return content.toByteArray();
        } catch (IOException e) {
            throw TransientException.dropped(answer.shown() + ": " + http.reason(e), false, e);
        }
    }
}
