package dev.lorikeet.models.generate;

import java.util.Set;

/// How a beam search goes.
///
/// @param beams         hypotheses kept at each step
/// @param maxTokens     the most tokens that are added
/// @param lengthPenalty a finished hypothesis scores `log p / length^lengthPenalty`: above 0 longer ones gain
/// @param noRepeatNgram no sequence of so many tokens appears twice; 0 for no such rule
/// @param endTokens     tokens that finish a hypothesis; may be empty
/// @param stopping      when to stop before `maxTokens`; only [BeamSearch] asks
public record BeamSettings(
        int beams, int maxTokens, double lengthPenalty, int noRepeatNgram, Set<Integer> endTokens, Stopping stopping) {
    /// When a search is over although running hypotheses could go on.
    public enum Stopping {
        /// As soon as there are as many finished hypotheses as beams.
        EARLY,
        /// When the best running hypothesis, at its present length, is no better than the worst finished one.
        HEURISTIC,
        /// When not even the longest continuation of the best running one could be better.
        NEVER
    }

    public BeamSettings {
        if (beams < 1 || maxTokens < 1) {
            throw new IllegalArgumentException(
                    "beams and tokens must be >= 1, were %d and %d".formatted(beams, maxTokens));
        }
        if (noRepeatNgram < 0) {
            throw new IllegalArgumentException("the n-gram that may not repeat must be >= 0, was " + noRepeatNgram);
        }
        endTokens = Set.copyOf(endTokens);
    }
}
