package dev.lorikeet.models.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Fetches one file into the cache: takes up what is there, appends until it is whole, checks the hash, renames.
final class BlobFetch {
    /// A connection that brought this much was a good one; the next failure is counted as the first.
    private static final long PROGRESS = 1 << 20;

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    private final HubHttp http;
    private final Retries retries;
    private final PullListener listener;

    BlobFetch(HubHttp http, Retries retries, PullListener listener) {
        this.http = http;
        this.retries = retries;
        this.listener = listener;
    }

    /// @param uri  where the hub has the file
    /// @param blob where its content shall be
    void fetch(URI uri, RemoteFile file, Path blob) {
        try (PartialFile part = PartialFile.open(blob, file)) {
            boolean resumed = part.length() > 0;
            listener.onFile(file.name(), part.length(), file.size());
            retries.run(() -> transfer(uri, file, part));
            Checksum found = part.checksum();
            if (resumed && !found.equals(file.checksum())) {
                listener.onNote(file.name() + ": what an earlier attempt had left is damaged; starting again");
                part.restart();
                retries.run(() -> transfer(uri, file, part));
                found = part.checksum();
            }
            if (!found.equals(file.checksum())) {
                part.discard();
                throw new HubException("%s: expected %s, found %s; what came was not kept: run the same command again"
                        .formatted(http.show(uri), file.checksum(), found));
            }
            part.complete(blob);
        }
    }

    private Void transfer(URI uri, RemoteFile file, PartialFile part) throws TransientException {
        if (part.isComplete()) {
            return null;
        }
        long start = part.length();
        try (HubResponse answer = http.send("GET", uri, range(part))) {
            switch (answer.status()) {
                case 200 -> {
                    require(answer, file.size(), answer.contentLength().orElse(file.size()));
                    part.restart();
                }
                case 206 -> requireRange(answer, start, file.size());
                default -> throw unsatisfiable(answer, part);
            }
            part.validator(answer.headers().firstValue("ETag"));
            receive(answer, file, part);
        }
        return null;
    }

    /// `If-Range` protects against a state that has changed; a server that gave no strong ETag is not asked for it, and
    /// the hash decides in the end.
    private static Map<String, String> range(PartialFile part) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (part.length() > 0) {
            headers.put("Range", "bytes=" + part.length() + "-");
            part.validator().ifPresent(etag -> headers.put("If-Range", etag));
        }
        return headers;
    }

    private static void require(HubResponse answer, long expected, long found) {
        if (found != expected) {
            throw new HubException("%s: expected %s, as the hub has announced, found %s; run the same command again"
                    .formatted(answer.shown(), Printable.bytes(expected), found < 0 ? "more" : Printable.bytes(found)));
        }
    }

    private static void requireRange(HubResponse answer, long start, long size) {
        String text = answer.headers().firstValue("Content-Range").orElse("");
        Matcher range = CONTENT_RANGE.matcher(text);
        String expected = "bytes %d-%d/%d".formatted(start, size - 1, size);
        if (start == 0 || !range.matches() || !text.equals(expected)) {
            throw new HubException("%s: expected %s, found status 206 with Content-Range '%s'; check the endpoint"
                    .formatted(answer.shown(), start == 0 ? "the whole file" : "Content-Range " + expected,
                            Printable.printable(text)));
        }
    }

    /// 416: the server has nothing after what is here, so this is no beginning of its file.
    private static TransientException unsatisfiable(HubResponse answer, PartialFile part) {
        if (part.length() == 0) {
            throw new HubException("%s answered 416 to a request for the whole file; check the endpoint".formatted(
                    answer.shown()));
        }
        part.restart();
        return TransientException.busy(
                answer.shown() + " answered 416: it cannot go on from what is here", Duration.ZERO);
    }

    private void receive(HubResponse answer, RemoteFile file, PartialFile part) throws TransientException {
        long start = part.length();
        byte[] buffer = new byte[1 << 16];
        try (StallGuard guard = new StallGuard(answer.body(), http.patience())) {
            Optional<IOException> failure = Optional.empty();
            try {
                for (int n = answer.body().read(buffer); n >= 0; n = answer.body().read(buffer)) {
                    guard.progress();
                    if (part.length() + n > file.size()) {
                        part.discard();
                        require(answer, file.size(), -1);
                    }
                    part.append(buffer, n);
                    listener.onBytes(part.length());
                }
            } catch (IOException e) {
                failure = Optional.of(e);
            }
            if (!part.isComplete()) {
                String why = guard.hasStalled() ? "nothing came for %d s".formatted(http.patience().toSeconds())
                        : failure.map(http::reason).orElse("the connection ended");
                throw TransientException.dropped("%s: %s after %,d of %s".formatted(
                        answer.shown(), why, part.length(), Printable.bytes(file.size())),
                        part.length() - start >= PROGRESS, failure.orElse(null));
            }
        }
    }
}
