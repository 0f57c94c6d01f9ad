package dev.lorikeet.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What came back at the end of a chain of redirects.
///
/// @param shown   the address that answered, fit for messages
/// @param status  HTTP status: 200, 206 or 416; or of a redirect that was not followed
/// @param headers its headers
/// @param fromHub headers of every response on the way that came from the hub itself, first to last
/// @param body    the content; to be closed
record HubResponse(String shown, int status, HttpHeaders headers, List<HttpHeaders> fromHub, InputStream body)
        implements AutoCloseable {
    /// A header that only the hub itself may set, from the first of its responses that has it.
    Optional<String> hubHeader(String name) {
        return fromHub.stream().flatMap(headers -> headers.firstValue(name).stream()).findFirst();
    }

    /// A header with a number of bytes.
    ///
    /// @throws HubException if it is something else
    static Optional<Long> bytes(String shown, String name, Optional<String> value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            long count = Long.parseLong(value.get().strip());
            if (count >= 0) {
                return Optional.of(count);
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new HubException("%s: expected a number of bytes in %s, found '%s'; check the endpoint".formatted(
                shown, name, Printable.printable(value.get())));
    }

    /// Bytes of the body, where the server says so.
    OptionalLong contentLength() {
        return bytes(shown, "Content-Length", headers.firstValue("Content-Length"))
                .map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException _) {
            // nothing is wanted from it any more
        }
    }
}
