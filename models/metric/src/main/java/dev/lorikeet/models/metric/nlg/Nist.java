package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `NIST = Σₙ (Σ info of the n-grams that match / number of n-grams) · penalty`, n = 1…5, with
/// `info(w₁…wₙ) = log₂(count(w₁…wₙ₋₁) / count(w₁…wₙ))` over all references, and
/// `penalty = exp(β·log²(min(1, c/r)))`, β such that it is ½ where the corpus has two thirds of the references' words
/// (Doddington 2002). A rare word in its place counts for more than a frequent one.
///
/// Tokens, case and references as [Bleu#mteval]. The reference length r is that of mteval-v13a: all references' words
/// over the mean number of references of a segment.
public final class Nist implements TextMetric {
    private static final int ORDER = 5;
    private static final double BETA = -Math.log(0.5) / Math.pow(Math.log(1.5), 2);

    private final Words words = MtevalWords.V13A.lowerCased();

    @Override
    public String name() {
        return "NIST";
    }

    /// What one segment adds.
    private record Part(double[] information, long[] totals, long length, long referenceWords, int references) {
        Part plus(Part other) {
            double[] sum = information.clone();
            long[] sumTotals = totals.clone();
            for (int i = 0; i < ORDER; i++) {
                sum[i] += other.information[i];
                sumTotals[i] += other.totals[i];
            }
            return new Part(sum, sumTotals, length + other.length, referenceWords + other.referenceWords,
                    references + other.references);
        }

        double score(double referenceLength) {
            double score = 0;
            for (int i = 0; i < ORDER; i++) {
                score += totals[i] == 0 ? 0 : information[i] / totals[i];
            }
            double ratio = Math.min(1, length / referenceLength);
            return ratio == 0 ? 0 : score * Math.exp(-BETA * Math.pow(Math.log(ratio), 2));
        }
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name(), segments);
        List<List<List<String>>> references = segments.stream()
                .map(segment -> segment.references().stream().map(words::of).filter(each -> !each.isEmpty()).toList())
                .toList();
        Map<String, Integer> counts = new HashMap<>();
        long allWords = 0;
        for (List<String> reference : references.stream().flatMap(List::stream).toList()) {
            allWords += reference.size();
            for (int n = 1; n <= ORDER; n++) {
                NGrams.of(reference, n).forEach((gram, count) -> counts.merge(gram, count, Integer::sum));
            }
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            parts.add(part(words.of(segments.get(i).hypothesis()), references.get(i), counts, allWords));
        }
        Part sum = parts.stream().reduce(Part::plus).orElseThrow();
        double meanReferences = (double) sum.references() / segments.size();
        return new TextScore(
                sum.score(sum.referenceWords() / meanReferences),
                parts.stream().mapToDouble(part -> part.references() == 0 ? 0
                        : part.score((double) part.referenceWords() / part.references())).toArray(),
                "hyp_len=" + sum.length() + " ref_len=" + Math.round(sum.referenceWords() / meanReferences));
    }

    private static Part part(
            List<String> hypothesis, List<List<String>> references, Map<String, Integer> counts, long allWords) {
        double[] information = new double[ORDER];
        long[] totals = new long[ORDER];
        for (int n = 1; n <= ORDER; n++) {
            Map<String, Integer> allowed = NGrams.largest(references, n);
            totals[n - 1] = NGrams.total(hypothesis.size(), n);
            for (Map.Entry<String, Integer> gram : NGrams.of(hypothesis, n).entrySet()) {
                int matches = Math.min(gram.getValue(), allowed.getOrDefault(gram.getKey(), 0));
                if (matches > 0) {
                    information[n - 1] += matches * information(gram.getKey(), n, counts, allWords);
                }
            }
        }
        return new Part(information, totals, hypothesis.size(),
                references.stream().mapToLong(List::size).sum(), references.size());
    }

    private static double information(String gram, int n, Map<String, Integer> counts, long allWords) {
        double shorter = n == 1 ? allWords : counts.get(gram.substring(0, gram.lastIndexOf(' ')));
        return Math.log(shorter / counts.get(gram)) / Math.log(2);
    }
}
