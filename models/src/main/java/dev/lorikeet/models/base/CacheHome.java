package dev.lorikeet.models.base;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/// Where a user's caches are.
public final class CacheHome {
    private CacheHome() {}

    /// `$XDG_CACHE_HOME`, or `~/.cache`.
    ///
    /// @param environment the value of a variable, or null
    public static Path of(UnaryOperator<String> environment) {
        String xdg = environment.apply("XDG_CACHE_HOME");
        return xdg == null || xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    }
}
