package dev.lorikeet.models.hub;

import dev.lorikeet.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// The beginning of a blob, in `<hash>.part` beside it. Its name says what it is to become, so what an earlier process
/// has left is of use, whatever has happened on the hub in between. The bytes are hashed as they come; those that were
/// there before, when the file is opened.
final class PartialFile implements AutoCloseable {
    private static final int CHUNK = 1 << 20;

    /// A tag that stands for the very same bytes; `W/"…"` is a weak one.
    private static final Predicate<String> STRONG = Pattern.compile("\"[\\x21\\x23-\\x7e]{0,200}\"").asMatchPredicate();

    private final Path path;
    private final Path validatorPath;
    private final RemoteFile file;
    private final FileChannel channel;
    private MessageDigest digest;
    private long length;

    private PartialFile(Path path, RemoteFile file, FileChannel channel) {
        this.path = path;
        this.validatorPath = path.resolveSibling(path.getFileName() + ".etag");
        this.file = file;
        this.channel = channel;
        this.digest = file.checksum().start(file.size());
    }

    /// Opens what there is of a blob, or nothing.
    static PartialFile open(Path blob, RemoteFile file) {
        Path path = beside(blob);
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            PartialFile part = new PartialFile(path, file, channel);
            part.takeUp();
            return part;
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /// Bytes that are here of a blob that is not complete.
    static long present(Path blob) {
        try {
            return Files.exists(beside(blob)) ? Files.size(beside(blob)) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + beside(blob) + ": " + e.getMessage(), e);
        }
    }

    private static Path beside(Path blob) {
        return blob.resolveSibling(blob.getFileName() + ".part");
    }

    private void takeUp() throws IOException {
        if (channel.size() > file.size()) {
            restart();
        }
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        while (channel.read(buffer) >= 0) {
            digest.update(buffer.flip());
            length += buffer.limit();
            buffer.clear();
        }
    }

    /// Bytes that are here.
    long length() {
        return length;
    }

    boolean isComplete() {
        return length == file.size();
    }

    /// The `ETag` with which the server that sent these bytes named their state, if it gave a strong one.
    Optional<String> validator() {
        try {
            return Files.exists(validatorPath)
                    ? Optional.of(Files.readString(validatorPath, StandardCharsets.ISO_8859_1)).filter(STRONG)
                    : Optional.empty();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /// Remembers [#validator].
    void validator(Optional<String> etag) {
        try {
            Files.deleteIfExists(validatorPath);
        } catch (IOException e) {
            throw failed(path, e);
        }
        etag.filter(STRONG).ifPresent(tag -> AtomicFile.write(validatorPath, tag));
    }

    /// Appends bytes.
    void append(byte[] bytes, int count) {
        try {
            ByteBuffer content = ByteBuffer.wrap(bytes, 0, count);
            while (content.hasRemaining()) {
                channel.write(content);
            }
            digest.update(bytes, 0, count);
            length += count;
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /// Forgets what is here.
    void restart() {
        try {
            channel.truncate(0);
            channel.position(0);
            digest = file.checksum().start(file.size());
            length = 0;
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /// What the bytes hash to; asked once, at the end.
    Checksum checksum() {
        return file.checksum().result(digest);
    }

    /// Makes the bytes durable and gives them the blob's name.
    void complete(Path blob) {
        try {
            channel.force(true);
            channel.close();
            Files.move(path, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(validatorPath);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /// Deletes what is here: it can become nothing.
    void discard() {
        try {
            channel.close();
            Files.deleteIfExists(path);
            Files.deleteIfExists(validatorPath);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private static CacheException failed(Path path, IOException e) {
        String reason = e.getMessage() == null || e.getMessage().equals(path.toString())
                ? e.getClass().getSimpleName() : e.getMessage();
        return new CacheException("cannot write %s: %s".formatted(path, reason), e);
    }
}
