package dev.lorikeet.models.text;

import java.util.Map;
import java.util.OptionalInt;

/// Text ↔ token ids. Implementations are immutable and may be shared by threads.
///
/// `decode(encode(text))` equals `text` for every well-formed string; a surrogate without its partner is encoded as
/// `?`.
public interface Tokenizer {
    /// The token that ends a document in GPT-2's vocabulary and in [ByteTokenizer].
    String END_OF_TEXT = "<|endoftext|>";

    /// Which tokenizer this is, for people and reports: `byte`, or `byte-pair (vocab.json)`.
    String name();

    /// Number of rows that an embedding needs: the largest id plus 1.
    int vocabularySize();

    /// The ids of `text`, without any special token: the name of a special token inside the text is ordinary text.
    int[] encode(String text);

    /// The bytes that the ids stand for, exactly; ids may end in the middle of a UTF-8 character. Special tokens give
    /// their name.
    ///
    /// @throws IllegalArgumentException for an id that no token has
    byte[] decodeBytes(int... ids);

    /// The text that the ids stand for. Bytes that are not UTF-8 become U+FFFD, one for each maximal ill-formed
    /// sequence, which is what Hugging Face tokenizers and Python's `errors="replace"` do.
    ///
    /// @throws IllegalArgumentException for an id that no token has
    default String decode(int... ids) {
        return Utf8.decode(decodeBytes(ids));
    }

    /// The id that ends a text (`<|endoftext|>`, or `</s>` for RoBERTa); empty if the vocabulary has none.
    OptionalInt endOfText();

    /// Special tokens by name, in the order of their ids.
    Map<String, Integer> specialTokens();
}
