package dev.lorikeet.models.metric.nlg;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// `BLEU = BP · exp(1/N · Σₙ log pₙ)`, N = 4, with `BP = min(1, exp(1 − r/c))`: the geometric mean of the precisions of
/// n-grams, clipped to what one reference has, times a penalty for a corpus of c words where the closest references
/// have r (Papineni et al. 2002).
///
/// Published scorers agree on that and differ in the rest:
///
/// | scorer | tokens | case | an order without a match | empty references | scale |
/// |---|---|---|---|---|---|
/// | [#mteval] (E2E challenge) | 13a | ignored | 1/2^k | ignored | 0–1 |
/// | [#sacre] | 13a | kept | 1/2^k | kept | 0–100 |
/// | [#multiBleu] (WebNLG, DART) | as given | ignored | score 0 | kept, of length 0 | 0–100 |
/// | [#coco] (captioning) | as given | kept | 1e-15 | kept | 0–1 |
public final class Bleu implements TextMetric {
    private final String name;
    private final Words words;
    private final int order;
    private final Smoothing smoothing;
    private final boolean effectiveOrder;
    private final boolean ignoreEmptyReferences;
    private final double scale;

    /// @param effectiveOrder whether orders that are longer than the whole corpus are left out of the mean
    Bleu(String name, Words words, int order, Smoothing smoothing, boolean effectiveOrder,
            boolean ignoreEmptyReferences, double scale) {
        this.name = name;
        this.words = words;
        this.order = order;
        this.smoothing = smoothing;
        this.effectiveOrder = effectiveOrder;
        this.ignoreEmptyReferences = ignoreEmptyReferences;
        this.scale = scale;
    }

    /// As NIST's mteval-v13a does, and with it the scorer of the E2E challenge.
    public static Bleu mteval() {
        return new Bleu("BLEU", MtevalWords.V13A.lowerCased(), 4, Smoothing.EXPONENTIAL, false, true, 1);
    }

    /// As sacreBLEU does by default: `nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp`.
    public static Bleu sacre() {
        return new Bleu("sacreBLEU", MtevalWords.V13A, 4, Smoothing.EXPONENTIAL, false, false, 100);
    }

    /// As Moses' `multi-bleu -lc` does, which the WebNLG and DART leaderboards use.
    public static Bleu multiBleu() {
        return new Bleu("BLEU", Words.asGiven().lowerCased(), 4, Smoothing.NONE, false, false, 100);
    }

    /// As the scorers of image captioning do.
    ///
    /// @param order 1–4
    public static Bleu coco(int order) {
        return new Bleu("Bleu_" + order, Words.asGiven(), order, Smoothing.COCO, false, false, 1);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name, segments);
        List<BleuCounts> counts = segments.stream().map(this::count).toList();
        BleuCounts sum = counts.stream().reduce(BleuCounts::plus).orElseThrow();
        return new TextScore(
                scale * score(sum), counts.stream().mapToDouble(each -> scale * score(each)).toArray(), detail(sum));
    }

    private BleuCounts count(Segment segment) {
        List<List<String>> references = segment.references().stream()
                .map(words::of)
                .filter(reference -> !ignoreEmptyReferences || !reference.isEmpty())
                .toList();
        return BleuCounts.of(words.of(segment.hypothesis()), references, order);
    }

    /// 0–1.
    private double score(BleuCounts counts) {
        if (counts.matches()[0] == 0 && smoothing.kind() != Smoothing.Kind.COCO) {
            return 0;
        }
        double logs = 0;
        int empty = 0;
        int used = order;
        for (int n = 0; n < order; n++) {
            if (counts.totals()[n] == 0 && smoothing.kind() != Smoothing.Kind.COCO) {
                if (!effectiveOrder) {
                    return 0;
                }
                used = n;
                break;
            }
            empty += counts.matches()[n] == 0 ? 1 : 0;
            double precision = smoothing.precision(counts.matches()[n], counts.totals()[n], empty);
            if (precision == 0) {
                return 0;
            }
            logs += Math.log(precision);
        }
        return brevity(counts) * Math.exp(logs / used);
    }

    private static double brevity(BleuCounts counts) {
        return counts.length() >= counts.reference() ? 1
                : Math.exp(1 - (double) counts.reference() / counts.length());
    }

    private String detail(BleuCounts counts) {
        String precisions = IntStream.range(0, order)
                .mapToObj(n -> String.format(Locale.ROOT, "%.1f",
                        counts.totals()[n] == 0 ? 0 : 100.0 * counts.matches()[n] / counts.totals()[n]))
                .collect(Collectors.joining("/"));
        return String.format(Locale.ROOT, "%s BP=%.3f ratio=%.3f hyp_len=%d ref_len=%d", precisions, brevity(counts),
                (double) counts.length() / Math.max(1, counts.reference()), counts.length(), counts.reference());
    }
}
