package dev.lorikeet.models;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/// Real data sets beside the checkout (`../shared/data`). They are not part of the project, so a test that needs one is
/// skipped where it is absent, and says so.
public final class SharedData {
    private SharedData() {
    }

    /// The file or directory, or the end of the test.
    public static Path require(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && !Files.isDirectory(root.resolve("shared/data"))) {
            root = root.getParent();
        }
        Path file = root.resolve("shared/data").resolve(name);
        assumeTrue(Files.exists(file), "skipped: needs ../shared/data/" + name + ", which is not here");
        return file;
    }
}
