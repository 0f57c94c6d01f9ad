package dev.lorikeet.models.metric.nlg;

import dev.lorikeet.models.metric.nlg.MeteorMatch.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tartarus.snowball.ext.EnglishStemmer;

/// Finds every way in which words of a hypothesis match those of a reference.
final class MeteorMatcher {
    private static final int LONGEST_PHRASE = 7;
    /// Regular endings and what they stand for. Fewer than WordNet's rules of detachment: of those, the ones with which
    /// more segments of the WebNLG systems get METEOR 1.5's own score than without.
    private static final String[][] ENDINGS = {{"ies", "y"}, {"ed", "e"}, {"ed", ""}, {"ing", "e"}, {"ing", ""}};

    private final MeteorTables tables;
    private final EnglishStemmer stemmer = new EnglishStemmer();
    private final Map<String, String> stems = new HashMap<>();
    private final Map<String, Set<Integer>> synonyms = new HashMap<>();

    MeteorMatcher(MeteorTables tables) {
        this.tables = tables;
    }

    /// In the order of the words of the hypothesis. A pair of words matches by the first stage that joins it.
    List<MeteorMatch> matches(List<String> hypothesis, List<String> reference) {
        List<MeteorMatch> all = new ArrayList<>();
        for (int i = 0; i < hypothesis.size(); i++) {
            for (int j = 0; j < reference.size(); j++) {
                Stage stage = stage(hypothesis.get(i), reference.get(j));
                if (stage != null) {
                    all.add(new MeteorMatch(i, 1, j, 1, stage));
                }
            }
            addParaphrases(all, hypothesis, i, reference);
        }
        return all;
    }

    private Stage stage(String one, String other) {
        if (one.equals(other)) {
            return Stage.EXACT;
        }
        if (stem(one).equals(stem(other))) {
            return Stage.STEM;
        }
        Set<Integer> sets = synonyms(one);
        return !sets.isEmpty() && synonyms(other).stream().anyMatch(sets::contains) ? Stage.SYNONYM : null;
    }

    private String stem(String word) {
        return stems.computeIfAbsent(word, each -> {
            stemmer.setCurrent(each);
            stemmer.stem();
            return stemmer.getCurrent();
        });
    }

    /// The sets of the word and of its base forms.
    private Set<Integer> synonyms(String word) {
        return synonyms.computeIfAbsent(word, each -> {
            Set<Integer> sets = new HashSet<>(tables.synonymSets().getOrDefault(each, Set.of()));
            for (String base : tables.baseForms().getOrDefault(each, Set.of())) {
                sets.addAll(tables.synonymSets().getOrDefault(base, Set.of()));
            }
            for (String base : regularBases(each)) {
                sets.addAll(tables.synonymSets().getOrDefault(base, Set.of()));
            }
            return sets;
        });
    }

    private List<String> regularBases(String word) {
        List<String> bases = new ArrayList<>();
        for (String[] ending : ENDINGS) {
            if (word.endsWith(ending[0]) && word.length() > ending[0].length()) {
                bases.add(word.substring(0, word.length() - ending[0].length()) + ending[1]);
            }
        }
        return bases;
    }

    private void addParaphrases(List<MeteorMatch> all, List<String> hypothesis, int start, List<String> reference) {
        if (tables.paraphrases().isEmpty()) {
            return;
        }
        for (int length = 1; length <= LONGEST_PHRASE && start + length <= hypothesis.size(); length++) {
            String phrase = String.join(" ", hypothesis.subList(start, start + length));
            for (String other : tables.paraphrases().getOrDefault(phrase, Set.of())) {
                List<String> words = Words.split(other);
                for (int j = 0; j + words.size() <= reference.size(); j++) {
                    if (reference.subList(j, j + words.size()).equals(words)) {
                        all.add(new MeteorMatch(start, length, j, words.size(), Stage.PARAPHRASE));
                    }
                }
            }
        }
    }
}
