package dev.lorikeet.tensor;

import java.util.Optional;

/// How a kind of backend announces itself: a service listed in
/// `META-INF/services/dev.lorikeet.tensor.BackendProvider`.
///
/// Creating a provider must be cheap and must not fail: whatever may be missing (a module, a driver, a device) is
/// looked for in [#refusal], not in static initialisers.
public interface BackendProvider {
    /// The name before the colon: `cpu`, `scalar`, `cuda`.
    String kind();

    /// Why this kind cannot be opened here, in one clause such as `no NVIDIA driver was found`; empty if it can.
    Optional<String> refusal();

    /// Opens a backend.
    ///
    /// @param argument what follows the colon (`"0"` of `cuda:0`), empty if nothing does
    /// @throws BackendUnavailable if the argument makes no sense or the device cannot be used
    Backend open(String argument);
}
