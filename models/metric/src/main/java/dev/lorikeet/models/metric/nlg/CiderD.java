package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// CIDEr-D: the cosine between the tf-idf weights of the hypothesis' n-grams and a reference's, n = 1…4, times
/// `exp(−Δ²/2σ²)` for their difference in length, mean over n and references, times 10; mean over segments (Vedantam et
/// al. 2015).
///
/// `idf = log(segments / segments in whose references the n-gram occurs)`, over the corpus that is scored. A weight of
/// the hypothesis is clipped to the reference's. σ = 6, and Δ counts bigrams, as the published code does.
public final class CiderD implements TextMetric {
    private static final int ORDER = 4;
    private static final double SIGMA = 6;

    private final Words words;

    CiderD(Words words) {
        this.words = words;
    }

    /// Over the Penn Treebank's words without punctuation, as the E2E challenge.
    public static CiderD e2e() {
        return new CiderD(new CaptionWords());
    }

    @Override
    public String name() {
        return "CIDEr";
    }

    /// The weights of one text.
    ///
    /// @param weights by order
    /// @param norms   Euclidean, by order
    /// @param bigrams how many it has
    private record Vector(List<Map<String, Double>> weights, double[] norms, int bigrams) {
        double similarity(Vector reference) {
            double sum = 0;
            for (int n = 0; n < ORDER; n++) {
                double product = 0;
                for (Map.Entry<String, Double> gram : weights.get(n).entrySet()) {
                    double expected = reference.weights.get(n).getOrDefault(gram.getKey(), 0.0);
                    product += Math.min(gram.getValue(), expected) * expected;
                }
                double norm = norms[n] * reference.norms[n];
                sum += norm == 0 ? product : product / norm;
            }
            double difference = bigrams - reference.bigrams;
            return sum / ORDER * Math.exp(-difference * difference / (2 * SIGMA * SIGMA));
        }
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name(), segments);
        Map<String, Integer> frequency = new HashMap<>();
        for (Segment segment : segments) {
            Set<String> seen = new HashSet<>();
            for (String reference : segment.references()) {
                List<String> split = words.of(reference);
                for (int n = 1; n <= ORDER; n++) {
                    seen.addAll(NGrams.of(split, n).keySet());
                }
            }
            seen.forEach(gram -> frequency.merge(gram, 1, Integer::sum));
        }
        double logSegments = Math.log(segments.size());
        return TextScore.mean(
                segments.stream().mapToDouble(segment -> score(segment, frequency, logSegments)).toArray(), "");
    }

    private double score(Segment segment, Map<String, Integer> frequency, double logSegments) {
        Vector hypothesis = vector(words.of(segment.hypothesis()), frequency, logSegments);
        return 10 * segment.references().stream()
                .mapToDouble(reference -> hypothesis.similarity(vector(words.of(reference), frequency, logSegments)))
                .average()
                .orElseThrow();
    }

    private static Vector vector(List<String> text, Map<String, Integer> frequency, double logSegments) {
        List<Map<String, Double>> weights = new ArrayList<>();
        double[] norms = new double[ORDER];
        for (int n = 1; n <= ORDER; n++) {
            Map<String, Double> ofOrder = new HashMap<>();
            for (Map.Entry<String, Integer> gram : NGrams.of(text, n).entrySet()) {
                double weight = gram.getValue()
                        * (logSegments - Math.log(Math.max(1, frequency.getOrDefault(gram.getKey(), 0))));
                ofOrder.put(gram.getKey(), weight);
                norms[n - 1] += weight * weight;
            }
            norms[n - 1] = Math.sqrt(norms[n - 1]);
            weights.add(ofOrder);
        }
        return new Vector(weights, norms, NGrams.total(text.size(), 2));
    }
}
