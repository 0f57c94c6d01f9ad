package dev.lorikeet.models.choice;

import java.util.List;

/// A choice that cannot be, by itself or with this model and these data. The message says what was chosen, what is
/// possible, and what to do.
public final class ChoiceException extends IllegalArgumentException implements Remedy {
    private static final long serialVersionUID = 1L;

    private final String[] choices;

    /// @param choices the names of the choices that it is about
    public ChoiceException(String message, String... choices) {
        super(message);
        this.choices = choices.clone();
    }

    /// @throws ChoiceException if `holds` is not true; `must` and the value are part of the message
    public static void require(boolean holds, String choice, String must, Object was) {
        if (!holds) {
            throw new ChoiceException("%s must be %s, was %s".formatted(choice, must, was), choice);
        }
    }

    @Override
    public List<String> choices() {
        return List.of(choices);
    }
}
