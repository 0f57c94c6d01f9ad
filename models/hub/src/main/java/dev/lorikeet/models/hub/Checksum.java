package dev.lorikeet.models.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// What the bytes of a file must hash to. A hub tells it in one of two forms: the SHA-256 of a large file, or what git
/// calls the file, `sha1("blob " + size + "\0" + bytes)`. In the cache a file's content is stored under this name.
///
/// @param form which of the two
/// @param hex  the hash in lower-case hexadecimal digits
public record Checksum(Form form, String hex) {
    /// How a hash is made.
    public enum Form {
        SHA256("SHA-256", 64),
        GIT_BLOB("SHA-1", 40);

        private final String algorithm;
        private final int digits;

        Form(String algorithm, int digits) {
            this.algorithm = algorithm;
            this.digits = digits;
        }
    }

    /// The hash of the given form, if `hex` can be one.
    static Optional<Checksum> of(Form form, String hex) {
        String digits = hex.toLowerCase(Locale.ROOT);
        boolean fits = digits.length() == form.digits
                && digits.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
        return fits ? Optional.of(new Checksum(form, digits)) : Optional.empty();
    }

    /// The hash that an `ETag` or `X-Linked-Etag` is, if it is one: the number of digits tells the form.
    static Optional<Checksum> ofEtag(String etag) {
        String tag = etag.strip();
        tag = tag.startsWith("W/") ? tag.substring(2) : tag;
        tag = tag.length() > 1 && tag.startsWith("\"") && tag.endsWith("\"") ? tag.substring(1, tag.length() - 1) : tag;
        Optional<Checksum> sha256 = of(Form.SHA256, tag);
        return sha256.isPresent() ? sha256 : of(Form.GIT_BLOB, tag);
    }

    /// A digest to be fed with the bytes of a file of that size.
    MessageDigest start(long size) {
        try {
            MessageDigest digest = MessageDigest.getInstance(form.algorithm);
            if (form == Form.GIT_BLOB) {
                digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + form.algorithm, e);
        }
    }

    /// The hash that a digest has come to.
    Checksum result(MessageDigest digest) {
        return new Checksum(form, HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public String toString() {
        return (form == Form.SHA256 ? "SHA-256 " : "git blob ") + hex;
    }
}
