package dev.lorikeet.models.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/// The name of a model or adapter on a hub: `owner/name`, or a legacy name without an owner such as `gpt2`.
///
/// @param id the name as it was given
public record HubName(String id) {
    /// Letters, digits and `_`, and between them `.` and `-`; the hub allows no `--` and no `..`, so neither can be
    /// mistaken for the separator of the cache's folder names or for a way out of them.
    private static final Pattern PART = Pattern.compile("\\w(?:[\\w.-]{0,94}\\w)?");

    public HubName {
        if (!isName(id)) {
            throw new HubInputException(("'%s' is not the name of a model on a hub: expected owner/name (such as "
                    + "FacebookAI/roberta-base) or a legacy name (such as gpt2), of letters, digits, '-', '_' and "
                    + "'.'").formatted(Printable.printable(id)));
        }
    }

    /// The name that `text` is, if it is one.
    static Optional<HubName> of(String text) {
        return isName(text) ? Optional.of(new HubName(text)) : Optional.empty();
    }

    private static boolean isName(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 2 || text.contains("--") || text.contains("..") || text.endsWith(".git")) {
            return false;
        }
        for (String part : parts) {
            if (!PART.matcher(part).matches()) {
                return false;
            }
        }
        return true;
    }

    /// What the cache calls the model's folder: `models--owner--name`.
    String folder() {
        return HubCache.FOLDER_PREFIX + id.replace("/", "--");
    }

    @Override
    public String toString() {
        return id;
    }
}
