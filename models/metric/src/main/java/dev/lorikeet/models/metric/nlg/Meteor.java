package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// METEOR 1.5 for English with the parameters of its ranking task: words of the hypothesis are aligned to those of a
/// reference by equality, by stem, by WordNet's sets of synonyms and by paraphrases; `Fmean` of weighted precision and
/// recall is reduced the more pieces the alignment is in. A segment's score is that of its best reference; the corpus'
/// score is computed from the sums over the best references (Denkowski & Lavie 2014).
///
/// Synonyms, paraphrases and the lower weight of function words need [MeteorTables], which are not part of Lorikeet.
/// [TextScore#detail] says which stages ran: without the table of paraphrases the score is lower than the published
/// one.
public final class Meteor implements TextMetric {
    private final MeteorTables tables;
    private final MeteorMatcher matcher;
    private final Words words;

    private Meteor(MeteorTables tables, Words words) {
        this.tables = tables;
        this.matcher = new MeteorMatcher(tables);
        this.words = words;
    }

    /// Over the lines as they are, normalised (`-l en -norm`): WebNLG's and DART's way.
    public static Meteor ofLines(MeteorTables tables) {
        return new Meteor(tables, new MeteorWords());
    }

    /// Over the Penn Treebank's words without punctuation, then normalised: the captioning scorers' way, and that of
    /// the E2E challenge.
    public static Meteor e2e(MeteorTables tables) {
        Words split = new CaptionWords();
        Words normalised = new MeteorWords();
        return new Meteor(tables, line -> normalised.of(String.join(" ", split.of(line))));
    }

    @Override
    public String name() {
        return "METEOR";
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name(), segments);
        List<MeteorCounts> best = counts(segments);
        return new TextScore(
                best.stream().reduce(MeteorCounts::plus).orElseThrow().score(),
                best.stream().mapToDouble(MeteorCounts::score).toArray(), "stages: " + String.join(", ", stages()));
    }

    /// Of each segment with its best reference.
    List<MeteorCounts> counts(List<Segment> segments) {
        return segments.stream().map(this::best).toList();
    }

    private MeteorCounts best(Segment segment) {
        List<String> hypothesis = words.of(segment.hypothesis());
        return segment.references().stream()
                .map(reference -> count(hypothesis, words.of(reference)))
                .max(Comparator.comparingDouble(MeteorCounts::score))
                .orElseThrow();
    }

    private MeteorCounts count(List<String> hypothesis, List<String> reference) {
        List<MeteorMatch> matches = matcher.matches(hypothesis, reference);
        return MeteorCounts.of(
                hypothesis, reference, MeteorAlignment.of(matches, hypothesis.size()), tables.functionWords());
    }

    private List<String> stages() {
        List<String> stages = new ArrayList<>(List.of("exact", "stem"));
        if (!tables.synonymSets().isEmpty()) {
            stages.add("synonym");
        }
        if (!tables.paraphrases().isEmpty()) {
            stages.add("paraphrase");
        }
        stages.add(tables.functionWords().isEmpty() ? "all words weigh the same" : "function words weigh less");
        return stages;
    }
}
