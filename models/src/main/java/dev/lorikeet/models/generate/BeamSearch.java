package dev.lorikeet.models.generate;

import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Beam search as `generate(num_beams=…)` of transformers (4.50 and later) does it, one prompt at a time.
///
/// Each step adds log-softmax to the scores of the running beams, forbids repeated n-grams (of prompt and new tokens
/// together, without renormalising), and takes the best `max(2, 1 + end tokens)·beams` continuations. Those that
/// have ended or reached the limit become finished hypotheses if they are among the best `beams`; the best of the
/// others run on. A finished hypothesis scores `log p / length^penalty`, where the length counts the new tokens.
public final class BeamSearch {
    /// Stands for impossible; finite, as in the reference, so that it can be added up.
    private static final double NEVER = -1e9;

    private final LanguageModel model;
    private final Pool pool;

    public BeamSearch(LanguageModel model, Pool pool) {
        this.model = model;
        this.pool = pool;
    }

    /// A continuation of a beam by one token.
    private record Candidate(int[] tokens, int beam, double score, boolean ended) {}

    /// The finished hypotheses, the best first, as many as there are beams (fewer if fewer have finished).
    ///
    /// @throws IllegalArgumentException if the prompt is empty or leaves no room for `maxTokens`
    public List<Hypothesis> search(int[] prompt, BeamSettings settings) {
        List<Hypothesis> finished = new ArrayList<>();
        double[] scores = new double[settings.beams()];
        Arrays.fill(scores, 1, scores.length, NEVER);
        List<int[]> running = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            running.add(new int[0]);
        }
        try (Beams beams = new Beams(model, pool, prompt, settings)) {
            double[][] logits = beams.start(prompt);
            for (int length = 1; ; length++) {
                List<Candidate> candidates = candidates(prompt, running, scores, logits, settings);
                finish(finished, candidates, length, settings);
                List<Candidate> next = candidates.stream()
                        .filter(candidate -> !candidate.ended())
                        .limit(settings.beams())
                        .toList();
                if (next.size() < settings.beams() || isOver(finished, next.getFirst().score(), length, settings)) {
                    return finished;
                }
                running = next.stream().map(Candidate::tokens).toList();
                scores = next.stream().mapToDouble(Candidate::score).toArray();
                logits = beams.advance(
                        next.stream().mapToInt(Candidate::beam).toArray(),
                        running.stream().mapToInt(tokens -> tokens[tokens.length - 1]).toArray());
            }
        }
    }

    /// The best continuations of all beams, the best first.
    private static List<Candidate> candidates(
            int[] prompt, List<int[]> running, double[] scores, double[][] logits, BeamSettings settings) {
        int V = logits[0].length;
        double[] all = new double[running.size() * V];
        for (int beam = 0; beam < running.size(); beam++) {
            double[] next = Beams.logSoftmax(logits[beam]);
            int[] soFar = Arrays.copyOf(prompt, prompt.length + running.get(beam).length);
            System.arraycopy(running.get(beam), 0, soFar, prompt.length, running.get(beam).length);
            Beams.forbidRepeats(next, soFar, settings.noRepeatNgram());
            for (int token = 0; token < V; token++) {
                all[beam * V + token] = scores[beam] + next[token];
            }
        }
        int kept = Math.max(2, 1 + settings.endTokens().size()) * settings.beams();
        List<Candidate> best = new ArrayList<>();
        for (int i : Beams.largest(all, kept)) {
            int[] tokens = Beams.append(running.get(i / V), i % V);
            boolean ended = settings.endTokens().contains(i % V) || tokens.length == settings.maxTokens();
            best.add(new Candidate(tokens, i / V, all[i], ended));
        }
        return best;
    }

    /// Only the best `beams` continuations can become hypotheses: the others are there to keep enough of them running.
    private static void finish(
            List<Hypothesis> finished, List<Candidate> candidates, int length, BeamSettings settings) {
        for (Candidate candidate : candidates.subList(0, Math.min(settings.beams(), candidates.size()))) {
            if (candidate.ended() && candidate.score() > NEVER) {
                double score = candidate.score() / Math.pow(length, settings.lengthPenalty());
                finished.add(new Hypothesis(candidate.tokens(), score));
            }
        }
        finished.sort(Comparator.comparingDouble((Hypothesis hypothesis) -> -hypothesis.score()));
        while (finished.size() > settings.beams()) {
            finished.removeLast();
        }
    }

    private static boolean isOver(List<Hypothesis> finished, double bestRunning, int length, BeamSettings settings) {
        if (finished.size() < settings.beams()) {
            return false;
        }
        if (settings.stopping() == BeamSettings.Stopping.EARLY) {
            return true;
        }
        boolean longest = settings.stopping() == BeamSettings.Stopping.NEVER && settings.lengthPenalty() > 0;
        double possible =
                bestRunning / Math.pow(longest ? settings.maxTokens() : length, settings.lengthPenalty());
        return possible <= finished.getLast().score();
    }
}
