package dev.lorikeet.models.hub;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/// Turns a status that is no success into what it means for someone who wants this model.
///
/// @param name     the repository
/// @param revision the state that is wanted
/// @param endpoint the hub
record HttpErrors(HubName name, Revision revision, Endpoint endpoint) {
    private static final String[] TOKEN = {"tokenFile"};

    /// Throws what is final and returns what may pass.
    TransientException of(HubResponse answer, Token token) {
        int status = answer.status();
        String start = "%s: %s answered %d".formatted(name, answer.shown(), status);
        String words = words(answer, token);
        boolean busy = status == 408 || status == 429 || status >= 500;
        if (busy) {
            return TransientException.busy(start + (status == 429 ? " (too many requests)" : "") + words,
                    retryAfter(answer).orElse(null));
        }
        throw switch (status) {
            case 401 -> new HubInputException(start + words + (token.isGiven()
                    ? "; no such model, or the token that was given may not read it: check the name and the token"
                    : "; no such model, or one that needs a token: check the name, or give a token, such as by "
                            + "HF_TOKEN"), token.isGiven() ? new String[0] : TOKEN);
            case 403 -> new HubInputException(start + words + "; access has to be granted: accept the model's terms at "
                    + endpoint.page(name) + (token.isGiven() ? " with the account of this token"
                            : " and give a token of that account, such as by HF_TOKEN"),
                    token.isGiven() ? new String[0] : TOKEN);
            case 404, 410 -> new HubInputException(start + words + "; no model '%s' with a revision '%s' there: check "
                    .formatted(name, revision) + "both, and the endpoint");
            default -> new HubException(start + words + ", expected 200; check the endpoint");
        };
    }

    /// The hub's own explanation, if it gives one.
    private static String words(HubResponse answer, Token token) {
        return answer.hubHeader("X-Error-Message")
                .map(message -> " (\"" + token.hide(Printable.printable(message)) + "\")").orElse("");
    }

    /// `Retry-After`: seconds, or a date; something else counts as nothing.
    private static Optional<Duration> retryAfter(HubResponse answer) {
        String text = answer.headers().firstValue("Retry-After").orElse("").strip();
        try {
            if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
            }
            Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            Duration wait = Duration.between(Instant.now(), then);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (NumberFormatException | DateTimeException _) {
            return Optional.empty();
        }
    }
}
