package dev.lorikeet.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Golden cases among the test resources.
public final class Fixtures {
    private Fixtures() {}

    /// The directory of a case. The files of `formats` are those of the module that reads them.
    public static Path of(String name) {
        if (name.equals("formats")) {
            Path root = Path.of("").toAbsolutePath();
            while (!Files.isDirectory(root.resolve("tensor"))) {
                root = root.getParent();
            }
            return root.resolve("tensor/src/test/resources").resolve(name);
        }
        try {
            return Path.of(Fixtures.class.getResource("/fixtures/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A copy of a case that may be changed.
    public static Path copy(String name, Path into) {
        Path from = of(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = into.resolve(name).resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return into.resolve(name);
    }
}
