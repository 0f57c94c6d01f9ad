package dev.lorikeet.models.verify.golden;

import java.nio.file.Path;

/// A directory that is not a case, or a manifest that cannot be followed. The message names the file, what is wrong and
/// what to do.
public final class CaseException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public CaseException(Path file, String problem, String remedy) {
        super("%s: %s; %s".formatted(file, problem, remedy));
    }
}
