package dev.lorikeet.models.data;

import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.models.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Text with hidden tokens, on which a RoBERTa is pretrained (masked language model, Devlin et al. 2019 §3.1): a share
/// of the tokens is to be predicted, 15 % by default; of these 80 % are replaced by `<mask>`, 10 % by a random token,
/// and 10 % stay as they are. Which ones is drawn anew in every epoch (Liu et al. 2019 §4.1). Special tokens are never
/// chosen.
///
/// A sequence is a block of the text, `<s> block </s>`. A share of them may be pairs instead: `<s> A </s></s> A' </s>`,
/// A half a block and A' the same without a tenth of its tokens, each with its own hidden tokens. What is hidden in one
/// can often be found in the other, so that a model learns to compare two sentences, which text alone seldom asks for.
public final class MaskedText implements Sized {
    private static final double REPLACED = 0.8;
    private static final double RANDOM = 0.1;
    private static final double LEFT_OUT = 0.1;

    /// Streams of random numbers within one (seed, epoch, block).
    private enum Draw { PAIR, HALF, LEAVE_OUT, HIDE, REPLACE, TOKEN }

    /// How much is drawn.
    ///
    /// @param hidden share of tokens to be predicted, in (0, 1]
    /// @param pairs  share of sequences that are pairs, in [0, 1]
    /// @param seed   of all draws
    public record Shares(double hidden, double pairs, long seed) {
        public Shares {
            if (!(hidden > 0 && hidden <= 1 && pairs >= 0 && pairs <= 1)) {
                throw new IllegalArgumentException(
                        "shares of hidden tokens and of pairs must be in (0, 1] and [0, 1], were %s and %s"
                                .formatted(hidden, pairs));
            }
        }
    }

    private final PlainText text;
    private final SentenceLayout layout;
    private final Shares shares;
    private final int mask;
    private final int vocabulary;
    private final Set<Integer> special;

    /// @param text blocks of at most `layout.maxLength() − 4` tokens
    /// @throws IllegalArgumentException if the tokenizer has no `<mask>`, or blocks are too long
    public MaskedText(PlainText text, Tokenizer tokenizer, SentenceLayout layout, Shares shares) {
        Integer id = tokenizer.specialTokens().get("<mask>");
        if (id == null) {
            throw new IllegalArgumentException("a masked language model needs the token <mask>, which the tokenizer "
                    + "'%s' lacks; use the tokenizer of a RoBERTa model".formatted(tokenizer.name()));
        }
        if (text.rows(0) > layout.maxLength() - SentenceLayout.AROUND_PAIR) {
            throw new IllegalArgumentException("blocks of %d tokens and 4 special ones do not fit into %d".formatted(
                    text.rows(0), layout.maxLength()));
        }
        this.text = text;
        this.layout = layout;
        this.shares = shares;
        this.mask = id;
        this.vocabulary = tokenizer.vocabularySize();
        this.special = Set.copyOf(tokenizer.specialTokens().values());
    }

    @Override
    public int size() {
        return text.size();
    }

    @Override
    public int rows(int i) {
        return text.rows(i) + SentenceLayout.AROUND_PAIR;
    }

    /// Blocks with tokens hidden as the epoch has it.
    public TokenBatch pack(int epoch, int... blocks) {
        List<int[]> sequences = new ArrayList<>();
        for (int block : blocks) {
            sequences.add(sequence(key(epoch, block), text.block(block)));
        }
        TokenBatch shown = TokenBatch.unlabelled(sequences);
        int[] ids = shown.ids();
        int[] labels = new int[ids.length];
        Arrays.fill(labels, TokenBatch.IGNORED);
        for (int s = 0; s < blocks.length; s++) {
            hide(key(epoch, blocks[s]), ids, labels, shown.sequences().start(s), shown.sequences().length(s));
        }
        return TokenBatch.of(ids, labels, shown.sequences());
    }

    private long key(int epoch, int block) {
        return Mix.key(Mix.key(shares.seed(), epoch), block);
    }

    private int[] sequence(long key, int... block) {
        if (uniform(key, Draw.PAIR, 0) >= shares.pairs() || block.length < 2) {
            return layout.one(block);
        }
        int half = block.length / 2;
        int from = uniform(key, Draw.HALF, 0) < 0.5 ? 0 : block.length - half;
        int[] a = Arrays.copyOfRange(block, from, from + half);
        int[] kept = new int[half];
        int count = 0;
        for (int i = 0; i < half; i++) {
            if (uniform(key, Draw.LEAVE_OUT, i) >= LEFT_OUT) {
                kept[count++] = a[i];
            }
        }
        return layout.pair(a, Arrays.copyOf(kept, count));
    }

    private void hide(long key, int[] ids, int[] labels, int start, int length) {
        for (int t = 0; t < length; t++) {
            int row = start + t;
            if (special.contains(ids[row]) || uniform(key, Draw.HIDE, t) >= shares.hidden()) {
                continue;
            }
            labels[row] = ids[row];
            double fate = uniform(key, Draw.REPLACE, t);
            if (fate < REPLACED) {
                ids[row] = mask;
            } else if (fate < REPLACED + RANDOM) {
                ids[row] = Mix.below(vocabulary, Mix.key(key, Draw.TOKEN.ordinal()), t);
            }
        }
    }

    /// Uniform in [0, 1).
    private static double uniform(long key, Draw draw, int number) {
        return (Mix.key(Mix.key(key, draw.ordinal()), number) >>> 11) * 0x1p-53;
    }
}
