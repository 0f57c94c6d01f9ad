package dev.lorikeet.models.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A repository at a revision, as the hub's API describes it: `{"sha": commit, "siblings": [{"rfilename": path, "size",
/// "blobId", "lfs": {"sha256", "size"}}, …]}`.
///
/// @param commit what the revision stands for now: everything is fetched from this commit, so that a push in between
///               cannot mix two states
/// @param files  all files by their path
record Listing(String commit, Map<String, Entry> files) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// What is said about a file; sizes and hashes may be left to the answer for the file itself.
    ///
    /// @param size     bytes, or null
    /// @param checksum what they hash to, or null
    record Entry(Long size, Checksum checksum) {}

    /// @param source the address that answered, for messages
    /// @throws HubException if the answer is not one
    static Listing parse(String source, byte[] answer) {
        JsonNode root;
        try {
            root = JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw notOne(source, "something else (" + Printable.printable(e.getOriginalMessage()) + ")");
        } catch (IOException e) {
            throw notOne(source, "bytes that are no text");
        }
        String commit = root.path("sha").asText("");
        if (!Revision.isCommit(commit)) {
            throw notOne(source, root.has("sha")
                    ? "sha = " + Printable.printable(root.path("sha").toString()) : "no 'sha' with a commit");
        }
        JsonNode siblings = root.path("siblings");
        if (!siblings.isArray()) {
            throw notOne(source, "no array 'siblings' with the files");
        }
        Map<String, Entry> files = new LinkedHashMap<>();
        siblings.forEach(sibling -> {
            String name = sibling.path("rfilename").asText("");
            checkName(source, name);
            files.put(name, entry(source, name, sibling));
        });
        return new Listing(commit, files);
    }

    private static Entry entry(String source, String name, JsonNode sibling) {
        JsonNode large = sibling.path("lfs");
        Long size = size(source, name, large.isObject() ? large.path("size") : sibling.path("size"));
        Optional<Checksum> checksum = large.isObject()
                ? Checksum.of(Checksum.Form.SHA256, large.path("sha256").asText(""))
                : Checksum.of(Checksum.Form.GIT_BLOB, sibling.path("blobId").asText(""));
        return new Entry(size, checksum.orElse(null));
    }

    private static Long size(String source, String name, JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw notOne(source, "a size of %s for '%s'".formatted(Printable.printable(node.toString()),
                    Printable.printable(name)));
        }
        return node.longValue();
    }

    /// A path stays below the folder that it is put into, on every system.
    private static void checkName(String source, String name) {
        boolean plain = name.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == ':');
        for (String segment : name.split("/", -1)) {
            plain &= !segment.isEmpty() && !segment.equals(".") && !segment.equals("..");
        }
        if (!plain) {
            throw new HubException(("%s: expected names of files inside the repository, found '%s', which may lead out "
                    + "of it; nothing was fetched: do not use this repository").formatted(
                            source, Printable.printable(name)));
        }
    }

    private static HubException notOne(String source, String found) {
        return new HubException(
                "%s: expected a hub's description of a repository, found %s; check the endpoint".formatted(
                        source, found));
    }
}
