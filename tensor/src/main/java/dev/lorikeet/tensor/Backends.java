package dev.lorikeet.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Opens backends by name. Which kinds exist is decided by the class path: see [BackendProvider].
///
/// | name          | opens                                                                |
/// |---------------|----------------------------------------------------------------------|
/// | `auto`        | the first of `cuda`, `cpu`, `scalar` that works here, and says why   |
/// | `cpu`         | the fast host backend with one thread per processor                  |
/// | `cpu:4`       | the same with four threads                                           |
/// | `scalar`      | the specification: plain loops, any floating-point type              |
/// | `cuda:0`      | the first NVIDIA device; needs the `cuda-kernels` module             |
/// | `cuda:0:bf16` | the same with products in BF16 (`tf32`: in TF32) on the tensor cores |
public final class Backends {
    private static final List<String> PREFERRED = List.of("cuda", "cpu", "scalar");

    private Backends() {}

    /// A backend and how it was chosen.
    ///
    /// @param backend  the open backend; the caller closes it
    /// @param refusals for `auto`, one clause for each preferred kind that could not be had, best kind first
    public record Choice(Backend backend, List<String> refusals) {
        public Choice {
            refusals = List.copyOf(refusals);
        }

        /// One line for people: what was chosen and why nothing better.
        public String explanation() {
            String chosen = backend.device() + ": " + backend.description();
            return refusals.isEmpty() ? chosen : chosen + " (" + String.join("; ", refusals) + ")";
        }
    }

    /// Opens the backend called `name`.
    ///
    /// @throws BackendUnavailable if there is no such backend or it cannot run here
    public static Backend open(String name) {
        return choose(name).backend();
    }

    /// Opens the backend called `name` and keeps the reasons of the choice.
    ///
    /// @throws BackendUnavailable if there is no such backend or it cannot run here
    public static Choice choose(String name) {
        return choose(name, discover());
    }

    static Choice choose(String name, Map<String, BackendProvider> providers) {
        if (name.equals("auto")) {
            return automatic(providers);
        }
        int colon = name.indexOf(':');
        String kind = colon < 0 ? name : name.substring(0, colon);
        BackendProvider provider = providers.get(kind);
        if (provider == null) {
            throw new BackendUnavailable("there is no backend '%s': %s".formatted(name, list(providers)));
        }
        Optional<String> refusal = provider.refusal();
        if (refusal.isPresent()) {
            Map<String, BackendProvider> others = new TreeMap<>(providers);
            others.remove(kind);
            throw new BackendUnavailable("backend '%s' cannot run here, because %s: %s"
                    .formatted(name, refusal.get(), list(others)));
        }
        return new Choice(provider.open(colon < 0 ? "" : name.substring(colon + 1)), List.of());
    }

    private static Choice automatic(Map<String, BackendProvider> providers) {
        List<String> refusals = new ArrayList<>();
        for (String kind : PREFERRED) {
            BackendProvider provider = providers.get(kind);
            Optional<String> refusal = provider == null
                    ? Optional.of("it is not on the class path")
                    : provider.refusal();
            if (refusal.isEmpty()) {
                try {
                    return new Choice(provider.open(""), refusals);
                } catch (BackendUnavailable unavailable) {
                    refusal = Optional.of(unavailable.getMessage());
                }
            }
            refusals.add("not " + kind + ": " + refusal.get());
        }
        throw new BackendUnavailable("no backend can run here: " + String.join("; ", refusals));
    }

    private static Map<String, BackendProvider> discover() {
        Map<String, BackendProvider> found = new TreeMap<>();
        for (BackendProvider provider : ServiceLoader.load(BackendProvider.class)) {
            found.put(provider.kind(), provider);
        }
        return found;
    }

    private static String list(Map<String, BackendProvider> providers) {
        return providers.isEmpty() ? "there is no other" : providers.values().stream()
                .map(provider -> provider.refusal()
                        .map(reason -> "%s (not here: %s)".formatted(provider.kind(), reason))
                        .orElse(provider.kind()))
                .collect(Collectors.joining(", ", "choose auto or one of ", ""));
    }
}
