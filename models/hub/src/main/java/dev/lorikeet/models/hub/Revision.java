package dev.lorikeet.models.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/// A state of a repository: a branch, a tag, `refs/pr/1`, or the 40 digits of a commit.
///
/// @param id the revision as it was given
public record Revision(String id) {
    /// What is meant when nothing is said.
    public static final Revision MAIN = new Revision("main");

    private static final int LONGEST = 250;

    public Revision {
        if (!isRevision(id)) {
            throw new HubInputException(("'%s' is not a revision: expected a branch or tag (such as main or v1.0) or "
                    + "the 40 hexadecimal digits of a commit").formatted(Printable.printable(id)));
        }
    }

    /// The revision that `text` is, if it is one.
    static Optional<Revision> of(String text) {
        return isRevision(text) ? Optional.of(new Revision(text)) : Optional.empty();
    }

    /// It becomes a path in the cache, so it may not lead out of it.
    private static boolean isRevision(String text) {
        return text.length() <= LONGEST && !text.contains("..")
                && Pattern.matches("\\w[\\w.+=-]*(?:/\\w[\\w.+=-]*)*", text);
    }

    static boolean isCommit(String text) {
        return Pattern.matches("[0-9a-f]{40}", text);
    }

    /// Whether this can never come to mean something else.
    boolean isCommit() {
        return isCommit(id);
    }

    @Override
    public String toString() {
        return id;
    }
}
