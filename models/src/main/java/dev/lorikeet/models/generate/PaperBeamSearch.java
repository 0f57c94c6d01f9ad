package dev.lorikeet.models.generate;

import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Beam search as the paper's GPT-2 example does it (`gpt2_beam.py` of loralib), one prompt at a time.
///
/// It differs from [BeamSearch]: n-grams are looked for among the new tokens only and are forbidden before the softmax;
/// a beam that meets an end token becomes a candidate for the result and stays in the list with score −∞; every beam
/// that is left after the last step is a candidate, too; the first of equally good candidates wins.
public final class PaperBeamSearch {
    private final LanguageModel model;
    private final Pool pool;

    public PaperBeamSearch(LanguageModel model, Pool pool) {
        this.model = model;
        this.pool = pool;
    }

    /// The hypotheses of one prompt and the best candidate so far.
    private static final class State {
        private final double[] scores;
        private final int[] from;
        private final int[] last;
        private List<int[]> tokens = new ArrayList<>();
        private Hypothesis best;

        State(int beams) {
            scores = new double[beams];
            from = new int[beams];
            last = new int[beams];
            for (int beam = 0; beam < beams; beam++) {
                tokens.add(new int[0]);
            }
        }

        void offer(int beam, BeamSettings settings) {
            double score = scores[beam] / Math.pow(tokens.get(beam).length, settings.lengthPenalty());
            if (best == null || score > best.score()) {
                best = new Hypothesis(tokens.get(beam), score);
            }
        }

        boolean isOver() {
            return Arrays.stream(scores).allMatch(score -> score == Double.NEGATIVE_INFINITY);
        }
    }

    /// The best hypothesis.
    ///
    /// @throws IllegalArgumentException if the prompt is empty or leaves no room for `maxTokens`
    public Hypothesis search(int[] prompt, BeamSettings settings) {
        State state = new State(settings.beams());
        try (Beams beams = new Beams(model, pool, prompt, settings)) {
            double[][] logits = beams.start(prompt);
            for (int step = 0; step < settings.maxTokens() && !state.isOver(); step++) {
                if (step > 0) {
                    logits = beams.advance(state.from, state.last);
                }
                extend(state, totals(state, logits, step, settings.noRepeatNgram()), logits[0].length, settings);
            }
        }
        for (int beam = 0; beam < settings.beams(); beam++) {
            state.offer(beam, settings);
        }
        return state.best;
    }

    /// Every beam becomes one of the best continuations.
    private static void extend(State state, double[] totals, int V, BeamSettings settings) {
        int[] chosen = Beams.largest(totals, settings.beams());
        List<int[]> before = state.tokens;
        state.tokens = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            state.from[i] = chosen[i] / V;
            state.last[i] = chosen[i] % V;
            state.scores[i] = totals[chosen[i]];
            state.tokens.add(Beams.append(before.get(state.from[i]), state.last[i]));
            if (settings.endTokens().contains(state.last[i])) {
                state.offer(i, settings);
                state.scores[i] = Double.NEGATIVE_INFINITY;
            }
        }
    }

    /// Scores of all continuations; at the first step, when all beams are equal, of the first beam's only.
    private static double[] totals(State state, double[][] logits, int step, int noRepeatNgram) {
        int V = logits[0].length;
        int beams = step == 0 ? 1 : state.scores.length;
        double[] all = new double[beams * V];
        for (int beam = 0; beam < beams; beam++) {
            double[] next = logits[beam].clone();
            Beams.forbidRepeats(next, state.tokens.get(beam), noRepeatNgram);
            next = Beams.logSoftmax(next);
            for (int token = 0; token < V; token++) {
                all[beam * V + token] = state.scores[beam] + next[token];
            }
        }
        return all;
    }
}
