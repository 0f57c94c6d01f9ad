package dev.lorikeet.models.hub;

import dev.lorikeet.models.base.CacheHome;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What the environment says about hubs, in the variables of Hugging Face's own tools:
///
/// | variable | meaning | without it |
/// |---|---|---|
/// | `HF_ENDPOINT` | address of the hub | `https://huggingface.co` |
/// | `HF_TOKEN` | token | the file `HF_TOKEN_PATH` or `$HF_HOME/token`, for `https://huggingface.co` alone |
/// | `HF_HUB_CACHE` | cache folder | `$HF_HOME/hub` |
/// | `HF_HOME` | home of token and cache | `$XDG_CACHE_HOME/huggingface` or `~/.cache/huggingface` |
/// | `HF_HUB_OFFLINE` | 1: no request is made | |
///
/// @param variables the value of a variable, or null
public record HubEnvironment(UnaryOperator<String> variables) {
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /// The environment of this process.
    public static HubEnvironment system() {
        return new HubEnvironment(System::getenv);
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(variables.apply(name)).filter(value -> !value.isBlank());
    }

    /// @param given what was given instead, or null
    public Endpoint endpoint(String given) {
        return given != null ? Endpoint.parse(given, "the endpoint")
                : variable("HF_ENDPOINT").map(text -> Endpoint.parse(text, "HF_ENDPOINT"))
                        .orElse(Endpoint.HUGGING_FACE);
    }

    /// @param given what was given instead, or null
    public HubCache cache(Path given) {
        return new HubCache(given != null ? given
                : variable("HF_HUB_CACHE").map(HubEnvironment::path).orElseGet(() -> home().resolve("hub")));
    }

    /// The token to ask with. One that was saved by a login belongs to Hugging Face and goes to no other endpoint
    /// unless it is given.
    ///
    /// @param file what was given instead, or null
    public Token token(Path file, Endpoint endpoint) {
        if (file != null) {
            Token token = read(file).orElseThrow(() -> new HubInputException(
                    file + ": no such file; give a file that holds a token", "tokenFile"));
            if (!token.isGiven()) {
                throw new HubInputException(file + ": expected a token, found an empty file");
            }
            return token;
        }
        Optional<String> direct = variable("HF_TOKEN");
        if (direct.isPresent()) {
            return Token.of(direct.get(), "HF_TOKEN");
        }
        if (!endpoint.equals(Endpoint.HUGGING_FACE)) {
            return Token.NONE;
        }
        return read(variable("HF_TOKEN_PATH").map(HubEnvironment::path).orElseGet(() -> home().resolve("token")))
                .orElse(Token.NONE);
    }

    /// @throws HubInputException if the user has forbidden requests
    public void requireOnline() {
        boolean offline = variable("HF_HUB_OFFLINE")
                .map(value -> TRUE.contains(value.strip().toUpperCase(Locale.ROOT))).orElse(false);
        if (offline) {
            throw new HubInputException("HF_HUB_OFFLINE is set: no request was made; unset it to fetch from a hub");
        }
    }

    private Path home() {
        return variable("HF_HOME").map(HubEnvironment::path)
                .orElseGet(() -> CacheHome.of(variables).resolve("huggingface"));
    }

    private static Optional<Token> read(Path file) {
        try {
            return Optional.of(Token.of(Files.readString(file), file.toString()));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (MalformedInputException _) {
            throw new HubInputException(file + ": expected a token, found bytes that are no text");
        } catch (IOException e) {
            throw new HubInputException("%s: cannot be read (%s); give a file that holds a token".formatted(
                    file, e.getClass().getSimpleName()));
        }
    }

    /// A variable's value in which `~` was not replaced by a shell.
    private static Path path(String text) {
        return text.equals("~") || text.startsWith("~/")
                ? Path.of(System.getProperty("user.home") + text.substring(1)) : Path.of(text);
    }
}
