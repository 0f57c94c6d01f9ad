package dev.lorikeet.models.hub;

import dev.lorikeet.models.choice.Remedy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// A cache folder that cannot be written.
final class CacheException extends UncheckedIOException implements Remedy {
    private static final long serialVersionUID = 1L;

    /// @param what such as `cannot write FILE: REASON`
    CacheException(String what, IOException cause) {
        super(what + "; give a cache folder that can be written, such as by HF_HUB_CACHE", cause);
    }

    @Override
    public List<String> choices() {
        return List.of("cache");
    }
}
