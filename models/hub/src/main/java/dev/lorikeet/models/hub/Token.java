package dev.lorikeet.models.hub;

import java.util.regex.Pattern;

/// The secret that tells a hub who asks. It is sent to the hub alone and never shown: [#toString] does not have it, and
/// [#hide] takes it out of texts that a server may have put it into.
public final class Token {
    /// Asks as nobody.
    public static final Token NONE = new Token("");

    /// What may stand in a header; a line break would be a second one.
    private static final Pattern HEADER_SAFE = Pattern.compile("[\\x21-\\x7e]*");

    private final String secret;

    private Token(String secret) {
        this.secret = secret;
    }

    /// @param text   the token, perhaps with white space around it; nothing else means none
    /// @param source where it comes from, for the message
    /// @throws HubInputException if no token can look like that
    static Token of(String text, String source) {
        String secret = text.strip();
        if (!HEADER_SAFE.matcher(secret).matches()) {
            throw new HubInputException(
                    source + ": expected one token of printable characters, found blanks or others inside; give the "
                            + "token alone");
        }
        return new Token(secret);
    }

    boolean isGiven() {
        return !secret.isEmpty();
    }

    /// The value of an `Authorization` header.
    String bearer() {
        return "Bearer " + secret;
    }

    /// The text without the token.
    String hide(String text) {
        return isGiven() ? text.replace(secret, "***") : text;
    }

    /// Whether a failure or one behind it quotes the token: a stack trace would show it.
    boolean isIn(Throwable failure) {
        for (Throwable cause = failure; isGiven() && cause != null; cause = cause.getCause()) {
            if (cause.toString().contains(secret)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return isGiven() ? "a token" : "no token";
    }
}
