package dev.lorikeet.models.hub;

import dev.lorikeet.models.choice.Remedy;
import java.util.List;

/// A name, revision, endpoint, token or cache that was given and cannot be used. The message says what to give instead.
public final class HubInputException extends IllegalArgumentException implements Remedy {
    private static final long serialVersionUID = 1L;

    private final String[] choices;

    /// @param choices what would be given otherwise: `endpoint`, `tokenFile`, `cache`
    HubInputException(String message, String... choices) {
        super(message);
        this.choices = choices.clone();
    }

    @Override
    public List<String> choices() {
        return List.of(choices);
    }
}
