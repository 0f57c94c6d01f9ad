package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.List;

/// Translation edit rate: `TER = edits / mean number of words of the references`, the fewest insertions, deletions,
/// substitutions and shifts of a phrase, each counted as one, that turn the hypothesis into a reference, of the closest
/// reference; summed over the corpus, in percent (Snover et al. 2006). The smaller, the better.
///
/// The fewest shifts are not found by trying all: as in tercom, the shift that saves the most edits is made until none
/// saves any ([TerShifts]). Words are lower-cased and between white space, as tercom takes them without `-N`.
public final class Ter implements TextMetric {
    private final Words words = Words.asGiven().lowerCased();

    @Override
    public String name() {
        return "TER";
    }

    /// @param edits  to the closest reference
    /// @param length mean of the references
    private record Edits(int edits, double length) {
        double rate() {
            return length > 0 ? 100 * edits / length : edits > 0 ? 100 : 0;
        }
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name(), segments);
        List<Edits> each = segments.stream().map(this::edits).toList();
        Edits sum = each.stream()
                .reduce((one, other) -> new Edits(one.edits + other.edits, one.length + other.length))
                .orElseThrow();
        return new TextScore(sum.rate(), each.stream().mapToDouble(Edits::rate).toArray(),
                "edits=" + sum.edits + " ref_len=" + Math.round(sum.length));
    }

    private Edits edits(Segment segment) {
        List<String> hypothesis = words.of(segment.hypothesis());
        int fewest = Integer.MAX_VALUE;
        List<Integer> lengths = new ArrayList<>();
        for (String reference : segment.references()) {
            List<String> expected = words.of(reference);
            lengths.add(expected.size());
            fewest = Math.min(fewest, TerShifts.edits(hypothesis, expected));
        }
        return new Edits(fewest, lengths.stream().mapToInt(Integer::intValue).average().orElseThrow());
    }
}
