package dev.lorikeet.models.data;

import dev.lorikeet.models.batch.TokenBatch;
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
/// A block of the text is cut into pieces, each a sequence `<s> piece </s>`. In a piece of a dozen tokens even a model
/// that attends everywhere alike sees mostly neighbours, so that it learns first what they tell and then where to look;
/// with long sequences only, a small model knows no more than the frequency of tokens for millions of them. (Press et
/// al. 2021, "Shortformer", start with short sequences for the same reason. Here lengths are drawn instead of growing:
/// a batch then depends on nothing but its number.)
///
/// A share of the pieces may be pairs instead: `<s> A </s></s> A' </s>`, A the piece and A' as many tokens that begin
/// a little later in the block, without a tenth of them, each with its own hidden tokens. What is hidden in one can
/// often be found in the other, not at the same place, so that a model learns to compare two sentences by what they
/// say, which text alone seldom asks for.
public final class MaskedText implements Sized {
    private static final double REPLACED = 0.8;
    private static final double RANDOM = 0.1;
    private static final double LEFT_OUT = 0.1;

    /// Streams of random numbers within one (seed, epoch, block).
    private enum Draw { LENGTH, PAIR, OFFSET, LEAVE_OUT, HIDE, REPLACE, TOKEN }

    /// How text becomes sequences.
    ///
    /// @param hidden   share of tokens to be predicted, in (0, 1]
    /// @param pairs    share of sequences that are pairs, in [0, 1]
    /// @param shortest fewest tokens of a piece, at least 2, the rest of a block excepted; lengths are drawn between it
    ///                 and a whole block, as many tokens for each doubling. [Integer#MAX_VALUE] keeps blocks whole
    /// @param seed     of all draws
    public record Plan(double hidden, double pairs, int shortest, long seed) {
        public Plan {
            if (!(hidden > 0 && hidden <= 1 && pairs >= 0 && pairs <= 1)) {
                throw new IllegalArgumentException(
                        "shares of hidden tokens and of pairs must be in (0, 1] and [0, 1], were %s and %s"
                                .formatted(hidden, pairs));
            }
            if (shortest < 2) {
                throw new IllegalArgumentException("a piece of text needs 2 tokens at least, was " + shortest);
            }
        }

        /// The same tokens to be hidden in whole blocks, without pairs.
        public Plan whole() {
            return new Plan(hidden, 0, Integer.MAX_VALUE, seed);
        }
    }

    private final PlainText text;
    private final SentenceLayout layout;
    private final Plan plan;
    private final int mask;
    private final int vocabulary;
    private final Set<Integer> special;

    /// @param text blocks of at most `layout.maxLength() − 4` tokens
    /// @throws IllegalArgumentException if the tokenizer has no `<mask>`, or blocks are too long
    public MaskedText(PlainText text, Tokenizer tokenizer, SentenceLayout layout, Plan plan) {
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
        this.plan = plan;
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
        int shown = plan.pairs() > 0 ? 2 : 1;
        int least = Math.min(plan.shortest(), Math.max(1, text.rows(0) / shown));
        return shown * text.rows(i) + SentenceLayout.AROUND_PAIR * Math.ceilDiv(text.rows(i), least);
    }

    /// Blocks with tokens hidden as the epoch has it.
    public TokenBatch pack(int epoch, int... blocks) {
        List<int[]> sequences = new ArrayList<>();
        List<Long> keys = new ArrayList<>();
        for (int block : blocks) {
            int[] tokens = text.block(block);
            int end;
            for (int from = 0; from < tokens.length; from = end) {
                long key = SplitMix.key(SplitMix.key(SplitMix.key(plan.seed(), epoch), block), from);
                end = Math.min(tokens.length, from + length(key));
                sequences.add(sequence(key, tokens, from, end));
                keys.add(key);
            }
        }
        TokenBatch shown = TokenBatch.unlabelled(sequences);
        int[] ids = shown.ids();
        int[] labels = new int[ids.length];
        Arrays.fill(labels, TokenBatch.IGNORED);
        for (int s = 0; s < keys.size(); s++) {
            hide(keys.get(s), ids, labels, shown.sequences().start(s), shown.sequences().length(s));
        }
        return TokenBatch.of(ids, labels, shown.sequences());
    }

    /// Tokens of a piece: `1/u`, u uniform between the reciprocals of the greatest and of the least length, so that
    /// every doubling of the length gets as many tokens as the next. A piece that becomes a pair has half a block.
    private int length(long key) {
        int longest = isPair(key) ? text.rows(0) / 2 : text.rows(0);
        if (plan.shortest() >= longest) {
            return longest;
        }
        double u = uniform(key, Draw.LENGTH, 0);
        return (int) (1 / (u / longest + (1 - u) / plan.shortest()));
    }

    private int[] sequence(long key, int[] tokens, int from, int end) {
        int[] piece = Arrays.copyOfRange(tokens, from, end);
        return isPair(key) && piece.length > 1 ? layout.pair(piece, second(key, tokens, from, end)) : layout.one(piece);
    }

    /// The other half of a pair. It begins at `u²` of the piece, u uniform: half of them in its first quarter.
    private int[] second(long key, int[] tokens, int from, int end) {
        double u = uniform(key, Draw.OFFSET, 0);
        int begin = from + (int) (u * u * (end - from));
        int[] kept = new int[end - from];
        int count = 0;
        for (int i = 0; i < kept.length && begin + i < tokens.length; i++) {
            if (uniform(key, Draw.LEAVE_OUT, i) >= LEFT_OUT) {
                kept[count++] = tokens[begin + i];
            }
        }
        return Arrays.copyOf(kept, count);
    }

    private boolean isPair(long key) {
        return uniform(key, Draw.PAIR, 0) < plan.pairs();
    }

    private void hide(long key, int[] ids, int[] labels, int start, int length) {
        for (int t = 0; t < length; t++) {
            int row = start + t;
            if (special.contains(ids[row]) || uniform(key, Draw.HIDE, t) >= plan.hidden()) {
                continue;
            }
            labels[row] = ids[row];
            double fate = uniform(key, Draw.REPLACE, t);
            if (fate < REPLACED) {
                ids[row] = mask;
            } else if (fate < REPLACED + RANDOM) {
                ids[row] = SplitMix.below(vocabulary, SplitMix.key(key, Draw.TOKEN.ordinal()), t);
            }
        }
    }

    /// Uniform in [0, 1).
    private static double uniform(long key, Draw draw, int number) {
        return (SplitMix.key(SplitMix.key(key, draw.ordinal()), number) >>> 11) * 0x1p-53;
    }
}
