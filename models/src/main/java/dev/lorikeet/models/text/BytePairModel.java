package dev.lorikeet.models.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the files of a byte-pair tokenizer say, checked and in the form in which encoding needs it.
///
/// @param name           for people
/// @param idOfToken      token as the vocabulary writes it → id
/// @param tokenOfId      the inverse; null where no token has the id
/// @param bytesOfId      the bytes that the token of an id stands for; null likewise
/// @param idOfByte       id of each single byte (256); the unknown token's, or -1, where the vocabulary lacks one
/// @param merges         pairs by rank
/// @param added          tokens found by name
/// @param addPrefixSpace whether a text that does not start with a blank gets one
record BytePairModel(String name, Map<String, Integer> idOfToken, String[] tokenOfId, byte[][] bytesOfId,
                     int[] idOfByte, MergeTable merges, List<AddedToken> added, boolean addPrefixSpace) {

    /// What was read, before any check.
    ///
    /// @param file           the file to name in errors
    /// @param vocabulary     token → id
    /// @param merges         left and right token of each merge, lowest rank first
    /// @param added          tokens found by name
    /// @param unknown        the token for bytes that the vocabulary lacks; null if there is none
    /// @param addPrefixSpace whether a text that does not start with a blank gets one
    record Parts(Path file, Map<String, Integer> vocabulary, List<Merge> merges, List<AddedToken> added,
                 String unknown, boolean addPrefixSpace) {
    }

    /// One merge.
    ///
    /// @param left  first token
    /// @param right second token
    /// @param where for errors: `merges.txt:17`
    record Merge(String left, String right, String where) {
    }

    static BytePairModel of(Parts parts) {
        var idOfToken = new HashMap<>(parts.vocabulary());
        parts.added().forEach(token -> idOfToken.put(token.content(), token.id()));
        int size = 1 + idOfToken.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
        if (idOfToken.isEmpty() || size > 4 * idOfToken.size() + 1024) {
            throw new TokenizerException(parts.file(), "expected a vocabulary with ids from 0 on, found %d tokens and"
                    .formatted(idOfToken.size()) + " a largest id of " + (size - 1));
        }
        var alphabet = new ByteAlphabet();
        String[] tokenOfId = new String[size];
        byte[][] bytesOfId = new byte[size][];
        idOfToken.forEach((token, id) -> {
            if (id < 0 || tokenOfId[id] != null) {
                throw new TokenizerException(parts.file(), "expected one token per id, found '%s' with id %d%s"
                        .formatted(token, id, id < 0 ? "" : ", which '" + tokenOfId[id] + "' has"));
            }
            tokenOfId[id] = token;
            bytesOfId[id] = alphabet.bytesOf(token);
        });
        parts.added().forEach(token -> bytesOfId[token.id()] = token.content().getBytes(StandardCharsets.UTF_8));
        return new BytePairModel("byte-pair (" + parts.file().getFileName() + ")", Map.copyOf(idOfToken), tokenOfId,
                bytesOfId, idOfByte(parts, alphabet), mergeTable(parts), List.copyOf(parts.added()),
                parts.addPrefixSpace());
    }

    private static int[] idOfByte(Parts parts, ByteAlphabet alphabet) {
        int unknown = parts.unknown() == null ? -1 : id(parts, parts.unknown(), "the unknown token");
        int[] ids = new int[256];
        for (int b = 0; b < 256; b++) {
            ids[b] = parts.vocabulary().getOrDefault(String.valueOf(alphabet.charOf(b)), unknown);
        }
        return ids;
    }

    private static MergeTable mergeTable(Parts parts) {
        var table = new MergeTable(parts.merges().size());
        for (Merge merge : parts.merges()) {
            table.add(id(parts, merge.left(), merge.where()), id(parts, merge.right(), merge.where()),
                    id(parts, merge.left() + merge.right(), merge.where()));
        }
        return table;
    }

    private static int id(Parts parts, String token, String where) {
        Integer id = parts.vocabulary().get(token);
        if (id == null) {
            throw new TokenizerException(parts.file(), "%s needs token '%s', which the vocabulary of %d tokens lacks"
                    .formatted(where, token, parts.vocabulary().size()));
        }
        return id;
    }
}
