package dev.lorikeet.models.data;

import dev.lorikeet.models.text.Tokenizer;
import java.util.Arrays;

/// How RoBERTa sees one sentence or a pair of them:
/// ```
/// <s> A </s>             <s> A </s></s> B </s>
/// ```
/// What is too long loses tokens at the end. Of a pair the longer sentence is cut until both are equally long, then
/// both ("longest first"); where an odd number of tokens is left for both, the one that was longer keeps one more, and
/// the second one if they were equal. That is the rule of Hugging Face's `tokenizers`; its versions before 0.11 and
/// the tokenizers written in Python give the odd token to the first sentence.
public final class SentenceLayout {
    /// Special tokens around one sentence.
    public static final int AROUND_ONE = 2;

    /// Special tokens around a pair.
    public static final int AROUND_PAIR = 4;

    private final Tokenizer tokenizer;
    private final int begin;
    private final int end;
    private final int maxLength;

    /// @param maxLength most tokens of a sequence, special ones included
    /// @throws IllegalArgumentException if the tokenizer lacks `<s>` or `</s>`, or no token of a pair would be left
    public SentenceLayout(Tokenizer tokenizer, int maxLength) {
        this.tokenizer = tokenizer;
        this.begin = special(tokenizer, "<s>");
        this.end = special(tokenizer, "</s>");
        this.maxLength = maxLength;
        if (maxLength < AROUND_PAIR + 2) {
            throw new IllegalArgumentException("a pair of sentences needs at least %d tokens, the maximum is %d"
                    .formatted(AROUND_PAIR + 2, maxLength));
        }
    }

    private static int special(Tokenizer tokenizer, String name) {
        Integer id = tokenizer.specialTokens().get(name);
        if (id == null) {
            throw new IllegalArgumentException("sentences are given as <s> A </s></s> B </s>, but the tokenizer '%s' "
                    .formatted(tokenizer.name()) + "has no " + name + "; use the tokenizer of a RoBERTa model");
        }
        return id;
    }

    /// Most tokens of a sequence.
    public int maxLength() {
        return maxLength;
    }

    /// The ids of the first sentence, or of both.
    ///
    /// @param second null for a single sentence
    public int[] ids(String first, String second) {
        int[] a = tokenizer.encode(first);
        return second == null ? one(a) : pair(a, tokenizer.encode(second));
    }

    /// `<s> A </s>`
    public int[] one(int... a) {
        int[] ids = new int[Math.min(a.length, maxLength - AROUND_ONE) + AROUND_ONE];
        ids[0] = begin;
        System.arraycopy(a, 0, ids, 1, ids.length - AROUND_ONE);
        ids[ids.length - 1] = end;
        return ids;
    }

    /// `<s> A </s></s> B </s>`
    public int[] pair(int[] a, int[] b) {
        int[] kept = longestFirst(a.length, b.length, maxLength - AROUND_PAIR);
        int[] ids = new int[kept[0] + kept[1] + AROUND_PAIR];
        Arrays.fill(ids, end);
        ids[0] = begin;
        System.arraycopy(a, 0, ids, 1, kept[0]);
        System.arraycopy(b, 0, ids, kept[0] + 3, kept[1]);
        return ids;
    }

    /// Whether a sentence or a pair has to be cut.
    public boolean cuts(String first, String second) {
        int length = tokenizer.encode(first).length + (second == null ? 0 : tokenizer.encode(second).length);
        return length > maxLength - (second == null ? AROUND_ONE : AROUND_PAIR);
    }

    /// How many tokens of each of two sentences are kept if `most` is the limit for both together.
    static int[] longestFirst(int first, int second, int most) {
        if (first + second <= most) {
            return new int[] {first, second};
        }
        int shorter = Math.min(first, second);
        boolean bothCut = shorter > most / 2;
        int keptOfShorter = bothCut ? most / 2 : shorter;
        int keptOfLonger = most - keptOfShorter;
        return first > second ? new int[] {keptOfLonger, keptOfShorter} : new int[] {keptOfShorter, keptOfLonger};
    }
}
