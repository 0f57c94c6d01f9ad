package dev.lorikeet.models.metric.nlg;

import dev.lorikeet.models.data.DataException;
import dev.lorikeet.models.data.DataFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What METEOR 1.5 knows about English beside the texts, in the files that come with it. Each may be absent.
///
/// @param functionWords `english.words`: words that count less than others
/// @param synonymSets   `english.synsets`: numbers of the sets of a word
/// @param baseForms     `english.exceptions`: irregular forms
/// @param paraphrases   `paraphrase-en`: phrases, as words with blanks between, that mean the same
public record MeteorTables(Set<String> functionWords, Map<String, Set<Integer>> synonymSets,
        Map<String, Set<String>> baseForms, Map<String, Set<String>> paraphrases) {
    /// No tables: only exact and stem matches are found, and every word counts the same.
    public static MeteorTables none() {
        return new MeteorTables(Set.of(), Map.of(), Map.of(), Map.of());
    }

    /// Reads those that lie in a folder, plain or with `.gz` behind the name.
    ///
    /// @throws DataException if none is there, or one is not what its name says
    public static MeteorTables read(Path folder) {
        List<String> words = lines(folder, "english.words");
        List<String> sets = lines(folder, "english.synsets");
        List<String> exceptions = lines(folder, "english.exceptions");
        List<String> paraphrases = lines(folder, "paraphrase-en");
        if (words.isEmpty() && sets.isEmpty() && paraphrases.isEmpty()) {
            throw DataException.none(
                    folder, "METEOR's english.words, .synsets, .exceptions or paraphrase-en, plain or .gz");
        }
        Map<String, Set<Integer>> numbers = new HashMap<>();
        pairs(folder.resolve("english.synsets"), sets).forEach((word, line) -> {
            Set<Integer> each = new HashSet<>();
            for (String number : line) {
                try {
                    each.add(Integer.valueOf(number));
                } catch (NumberFormatException _) {
                    throw new DataException(folder.resolve("english.synsets"),
                            "numbers of sets behind the line '" + word + "'", DataException.quote(number));
                }
            }
            numbers.put(word, each);
        });
        Map<String, Set<String>> bases = new HashMap<>();
        pairs(folder.resolve("english.exceptions"), exceptions).forEach((base, forms) ->
                forms.forEach(form -> bases.computeIfAbsent(form, _ -> new HashSet<>()).add(base)));
        return new MeteorTables(Set.copyOf(words), numbers, bases,
                paraphrases(folder.resolve("paraphrase-en"), paraphrases));
    }

    /// The words of every second line, by the line before.
    private static Map<String, Set<String>> pairs(Path file, List<String> lines) {
        if (lines.size() % 2 != 0) {
            throw new DataException(file, "pairs of lines, a word and what belongs to it", lines.size() + " lines");
        }
        Map<String, Set<String>> pairs = new HashMap<>();
        for (int i = 0; i < lines.size(); i += 2) {
            pairs.computeIfAbsent(lines.get(i), _ -> new HashSet<>()).addAll(Words.split(lines.get(i + 1)));
        }
        return pairs;
    }

    /// Three lines each: a probability, a phrase, another one.
    private static Map<String, Set<String>> paraphrases(Path file, List<String> lines) {
        if (lines.size() % 3 != 0) {
            throw new DataException(
                    file, "three lines for each paraphrase: probability, phrase, phrase", lines.size() + " lines");
        }
        Map<String, Set<String>> all = new HashMap<>();
        for (int i = 0; i < lines.size(); i += 3) {
            all.computeIfAbsent(lines.get(i + 1), _ -> new HashSet<>()).add(lines.get(i + 2));
        }
        return all;
    }

    private static List<String> lines(Path folder, String name) {
        Path plain = folder.resolve(name);
        Path packed = folder.resolve(name + ".gz");
        return Files.exists(plain) ? DataFile.lines(plain) : Files.exists(packed) ? DataFile.lines(packed) : List.of();
    }
}
