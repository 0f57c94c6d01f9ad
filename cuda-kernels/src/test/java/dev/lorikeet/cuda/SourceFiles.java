package dev.lorikeet.cuda;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The `.cu` sources and headers as files that a compiler can read, be they in a folder of classes or, in the tests of
/// another module, in a jar.
final class SourceFiles {
    private SourceFiles() {}

    /// The folder that Maven builds this module in; the sources' library is kept there, for all modules.
    static Path target() {
        try {
            Path from = Path.of(SourceFiles.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return from.getParent().endsWith("target") ? from.getParent() : Path.of("target");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The folder with `resource` and its neighbours.
    static Path folderOf(String resource) throws IOException {
        try {
            URI uri = SourceFiles.class.getResource(resource).toURI();
            return uri.getScheme().equals("jar") ? unpacked(uri) : Path.of(uri).getParent();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static Path unpacked(URI inJar) throws IOException {
        String text = inJar.getSchemeSpecificPart();
        Path jar = Path.of(URI.create(text.substring(0, text.indexOf("!/"))));
        Path folder = Files.createDirectories(target().resolve("sources-of").resolve(jar.getFileName()));
        try (FileSystem inside = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.list(inside.getPath(text.substring(text.indexOf("!/") + 1)).getParent())) {
            for (Path file : files.filter(SourceFiles::isSource).toList()) {
                copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        return folder;
    }

    private static boolean isSource(Path file) {
        return List.of(".cu", ".cuh", ".cpp", ".h").stream().anyMatch(file.toString()::endsWith);
    }

    /// Only what has changed, in one piece: another process may be compiling it.
    private static void copy(Path from, Path to) throws IOException {
        byte[] bytes = Files.readAllBytes(from);
        if (!Files.exists(to) || !Arrays.equals(bytes, Files.readAllBytes(to))) {
            Path made = Files.createTempFile(to.getParent(), to.getFileName().toString(), ".made");
            Files.write(made, bytes);
            Files.move(made, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
