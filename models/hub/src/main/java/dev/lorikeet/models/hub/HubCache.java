package dev.lorikeet.models.hub;

import dev.lorikeet.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// A folder of fetched models in the layout that Hugging Face's own tools use, so that each side finds what the other
/// has fetched:
///
/// ```text
/// models--owner--name/blobs/<hash>                    every content once, under what it hashes to
///                    /snapshots/<commit>/config.json  links to the blobs: a model directory
///                    /refs/main                       the commit that a branch or tag stood for when it was fetched
/// .locks/models--owner--name/<hash>.lock              held while a blob is being fetched
/// ```
///
/// @param root the folder
public record HubCache(Path root) {
    static final String FOLDER_PREFIX = "models--";

    private static final String SNAPSHOTS = "snapshots";

    /// The directory of a fetched model, if it was fetched to its end.
    Optional<Path> find(HubName name, Revision revision) {
        return commit(name, revision).map(commit -> snapshot(name, commit)).filter(Files::isDirectory);
    }

    private Optional<String> commit(HubName name, Revision revision) {
        if (revision.isCommit()) {
            return Optional.of(revision.id());
        }
        Path ref = ref(name, revision);
        try {
            return Optional.of(Files.readString(ref).strip()).filter(Revision::isCommit);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + ref + ": " + e.getMessage(), e);
        }
    }

    /// The name of the model that a directory of any such cache holds: a snapshot's own name is only a commit.
    public static Optional<String> nameOf(Path directory) {
        Path snapshots = directory.toAbsolutePath().normalize().getParent();
        Path folder = snapshots == null || !snapshots.endsWith(SNAPSHOTS) ? null : snapshots.getParent();
        String name = folder == null || folder.getFileName() == null ? "" : folder.getFileName().toString();
        return name.startsWith(FOLDER_PREFIX)
                ? HubName.of(name.substring(FOLDER_PREFIX.length()).replace("--", "/")).map(HubName::id)
                : Optional.empty();
    }

    Path snapshot(HubName name, String commit) {
        return folder(name).resolve(SNAPSHOTS).resolve(commit);
    }

    Path blob(HubName name, Checksum checksum) {
        return folder(name).resolve("blobs").resolve(checksum.hex());
    }

    /// Whether a file's content is here. Blobs get their name only when they are complete and have been checked.
    boolean has(HubName name, RemoteFile file) {
        Path blob = blob(name, file.checksum());
        try {
            return Files.isRegularFile(blob) && Files.size(blob) == file.size();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + blob + ": " + e.getMessage(), e);
        }
    }

    Path lock(HubName name, Checksum checksum) {
        return root.resolve(".locks").resolve(name.folder()).resolve(checksum.hex() + ".lock");
    }

    /// Shows a blob under its name in a commit.
    void link(HubName name, String commit, RemoteFile file) {
        Path snapshot = snapshot(name, commit).toAbsolutePath();
        Path link = snapshot.resolve(file.name()).normalize();
        if (!link.startsWith(snapshot) || link.equals(snapshot)) {
            throw new IllegalStateException("a name that leads out of its folder was let through: " + file.name());
        }
        Path blob = blob(name, file.checksum()).toAbsolutePath();
        try {
            Files.createDirectories(link.getParent());
            Path temporary = link.resolveSibling("." + link.getFileName() + "." + ProcessHandle.current().pid());
            Files.deleteIfExists(temporary);
            symbolicOrHard(temporary, blob);
            replace(temporary, link);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write %s: %s".formatted(link, e.getMessage()), e);
        }
    }

    /// Renames a link onto another one. Where both are hard links of one file, POSIX lets a rename do nothing.
    static void replace(Path temporary, Path link) throws IOException {
        Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(temporary);
    }

    /// A relative symbolic link, as Hugging Face's tools make; a hard link where a system or file system has none (on
    /// Windows an ordinary user may not make them).
    private static void symbolicOrHard(Path link, Path blob) throws IOException {
        try {
            Files.createSymbolicLink(link, link.getParent().relativize(blob));
        } catch (UnsupportedOperationException | FileSystemException _) {
            Files.createLink(link, blob);
        }
    }

    /// Remembers what a branch or tag stands for. Done last, so that an interrupted pull leaves the older state in use.
    void remember(HubName name, Revision revision, String commit) {
        if (!revision.isCommit()) {
            AtomicFile.write(ref(name, revision), commit);
        }
    }

    private Path ref(HubName name, Revision revision) {
        return folder(name).resolve("refs").resolve(revision.id());
    }

    private Path folder(HubName name) {
        return root.resolve(name.folder());
    }
}
