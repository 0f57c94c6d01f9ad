package dev.lorikeet.tensor.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;

/// A file that appears under its name only when it is complete.
///
/// Bytes go to a temporary name in the same directory. [#commit] forces them to the disk and renames; closing without a
/// commit deletes them. Whoever reads the target sees the old content or the new one, never a part, also after a crash
/// or on a full disk.
///
/// ```java
/// try (AtomicFile out = AtomicFile.create(path)) {
///     out.write(bytes);
///     out.commit();
/// }
/// ```
///
/// Every failure is an [UncheckedIOException] that names the target.
public final class AtomicFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private boolean committed;

    private AtomicFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    /// Starts a file that will be `target`; its directory is created if need be.
    public static AtomicFile create(Path target) {
        Path absolute = target.toAbsolutePath();
        Path temporary = absolute.resolveSibling(
                "." + absolute.getFileName() + "." + Long.toHexString(new SecureRandom().nextLong()) + ".tmp");
        try {
            if (Files.isDirectory(absolute)) {
                throw new IOException("it is a directory");
            }
            Files.createDirectories(absolute.getParent());
            FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new AtomicFile(absolute, temporary, channel);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write %s: %s".formatted(target, reason(e)), e);
        }
    }

    /// Writes `content` as the whole file.
    public static void write(Path target, byte[] content) {
        try (AtomicFile out = create(target)) {
            out.write(ByteBuffer.wrap(content));
            out.commit();
        }
    }

    /// Writes `content` in UTF-8 as the whole file.
    public static void write(Path target, String content) {
        write(target, content.getBytes(StandardCharsets.UTF_8));
    }

    /// Appends the remaining bytes of `content`.
    public void write(ByteBuffer content) {
        try {
            while (content.hasRemaining()) {
                channel.write(content);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /// Bytes written so far.
    public long position() {
        try {
            return channel.position();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /// Forces the bytes to the disk and gives the file its name. Nothing can be written afterwards.
    public void commit() {
        try {
            channel.force(true);
            channel.close();
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            committed = true;
            forceDirectory();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /// Deletes what was written, unless it was committed.
    @Override
    public void close() {
        if (committed) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        } finally {
            deleteTemporary();
        }
    }

    /// Makes the rename itself durable where the system lets a directory be opened (Windows does not).
    private void forceDirectory() {
        try (FileChannel directory = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException _) {
            // The content is complete under its name; only the time at which the name is durable is left to the system.
        }
    }

    private void deleteTemporary() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the incomplete file " + temporary, e);
        }
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("cannot write %s: %s; nothing was changed".formatted(target, reason(e)), e);
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
