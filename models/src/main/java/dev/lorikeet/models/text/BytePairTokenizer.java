package dev.lorikeet.models.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// GPT-2's byte-level byte-pair encoding (Radford et al. 2019, section 2.2): words of [WordScanner], their UTF-8 bytes,
/// merged by [PairMerger]. RoBERTa uses the same merges with ids in another order, so it is the same class with another
/// vocabulary.
///
/// Gives the same ids as Hugging Face's `tokenizers` with `add_special_tokens=False`. One difference is deliberate:
/// there `<|endoftext|>` inside a text becomes the special token; here only [#encodeWithSpecial] does that, so text
/// from outside cannot end a prompt.
public final class BytePairTokenizer implements Tokenizer {
    private final String name;
    private final byte[][] bytesOfId;
    private final String[] tokenOfId;
    private final Map<String, Integer> idOfToken;
    private final int[] idOfByte;
    private final PairMerger merger;
    private final List<AddedToken> ordinary;
    private final List<AddedToken> all;
    private final boolean addPrefixSpace;
    private final WordCache cache = new WordCache();

    BytePairTokenizer(BytePairModel model) {
        name = model.name();
        bytesOfId = model.bytesOfId();
        tokenOfId = model.tokenOfId();
        idOfToken = model.idOfToken();
        idOfByte = model.idOfByte();
        merger = new PairMerger(model.merges());
        var longestFirst = Comparator.comparingInt((AddedToken token) -> -token.content().length());
        all = model.added().stream().sorted(longestFirst).toList();
        ordinary = all.stream().filter(token -> !token.special()).toList();
        addPrefixSpace = model.addPrefixSpace();
    }

    /// Reads `tokenizer.json` in `directory`, or else `vocab.json` and `merges.txt`.
    ///
    /// @throws TokenizerException if the files are missing, broken, or describe another kind of tokenizer
    public static BytePairTokenizer open(Path directory) {
        return new BytePairTokenizer(BytePairFiles.read(directory));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int vocabularySize() {
        return bytesOfId.length;
    }

    @Override
    public int[] encode(String text) {
        return encode(text, ordinary);
    }

    /// The ids of `text`, in which the names of special tokens stand for these tokens: `<|endoftext|>`, or `<mask>`,
    /// which also swallows the blanks before it.
    public int[] encodeWithSpecial(String text) {
        return encode(text, all);
    }

    @Override
    public byte[] decodeBytes(int... ids) {
        var bytes = new ByteArrayOutputStream(4 * ids.length);
        for (int id : ids) {
            bytes.writeBytes(bytesOfId[checked(id)]);
        }
        return bytes.toByteArray();
    }

    /// The token as the vocabulary writes it, bytes as visible characters (`Ġthe`).
    ///
    /// @throws IllegalArgumentException if no token has this id
    public String token(int id) {
        return tokenOfId[checked(id)];
    }

    /// The id of a token as the vocabulary writes it (`Ġthe`, `<mask>`); empty if there is none.
    public OptionalInt id(String token) {
        Integer id = idOfToken.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public OptionalInt endOfText() {
        Map<String, Integer> special = specialTokens();
        Integer id = special.getOrDefault(END_OF_TEXT, special.get("</s>"));
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public Map<String, Integer> specialTokens() {
        var special = new LinkedHashMap<String, Integer>();
        all.stream().filter(AddedToken::special).sorted(Comparator.comparingInt(AddedToken::id))
                .forEach(token -> special.put(token.content(), token.id()));
        return special;
    }

    private int checked(int id) {
        if (id < 0 || id >= bytesOfId.length || bytesOfId[id] == null) {
            throw new IllegalArgumentException("no token has id %d; the vocabulary has ids 0 to %d"
                    .formatted(id, bytesOfId.length - 1));
        }
        return id;
    }

    private int[] encode(String text, List<AddedToken> recognised) {
        var ids = new Ids(text.length() / 3);
        int from = 0;
        for (int at = 0; at < text.length() && !recognised.isEmpty(); ) {
            AddedToken token = tokenAt(text, at, recognised);
            if (token == null) {
                at++;
            } else {
                encodeSegment(text, from, token.start(text, at, from), ids);
                ids.add(token.id());
                from = token.end(text, at);
                at = from;
            }
        }
        encodeSegment(text, from, text.length(), ids);
        return ids.toArray();
    }

    private static AddedToken tokenAt(String text, int at, List<AddedToken> longestFirst) {
        for (AddedToken token : longestFirst) {
            if (token.content().charAt(0) == text.charAt(at) && token.matches(text, at)) {
                return token;
            }
        }
        return null;
    }

    private void encodeSegment(String text, int from, int to, Ids ids) {
        if (from == to) {
            return;
        }
        if (addPrefixSpace && text.charAt(from) != ' ') {
            String prefixed = " " + text.substring(from, to);
            encodeWords(prefixed, 0, prefixed.length(), ids);
        } else {
            encodeWords(text, from, to, ids);
        }
    }

    private void encodeWords(String text, int from, int to, Ids ids) {
        for (int at = from; at < to; ) {
            int end = WordScanner.endOfWord(text, at, to);
            int[] known = end - at <= WordCache.LONGEST ? cache.get(text, at, end) : null;
            ids.addAll(known != null ? known : encodeWord(text.substring(at, end)));
            at = end;
        }
    }

    private int[] encodeWord(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = idOfByte[bytes[i] & 0xFF];
            if (ids[i] < 0) {
                throw new IllegalArgumentException(
                        "%s has no token for byte 0x%02X (in '%s') and no unknown token".formatted(name,
                                bytes[i] & 0xFF, word));
            }
        }
        int[] merged = merger.merge(ids);
        if (word.length() <= WordCache.LONGEST) {
            cache.put(word, merged);
        }
        return merged;
    }
}
