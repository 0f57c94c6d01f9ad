package dev.lorikeet.lora;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Names that somebody may have meant: the same last component, or few typing errors away.
final class NearMatches {
    private static final int SHOWN = 5;

    private NearMatches() {}

    /// The names most like `name`, best first, at most five. Layer numbers do not count as a difference.
    static List<String> of(String name, Collection<String> candidates) {
        String wanted = withoutLayer(name);
        Map<String, Integer> distances = new TreeMap<>();
        for (String candidate : candidates) {
            distances.put(withoutLayer(candidate), distance(wanted, withoutLayer(candidate)));
        }
        return distances.entrySet().stream()
                .filter(entry -> entry.getValue() <= Math.max(2, last(wanted).length() / 2))
                .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
                .limit(SHOWN)
                .map(Map.Entry::getKey)
                .toList();
    }

    /// `Did you mean …?`, or the empty text.
    static String hint(String name, Collection<String> candidates) {
        List<String> near = of(name, candidates);
        return near.isEmpty() ? "" : " Did you mean " + String.join(" or ", near) + "?";
    }

    /// All names with layer numbers replaced by `*`, each once: the shape of a module tree.
    static String tree(Collection<String> paths) {
        TreeSet<String> shapes = new TreeSet<>();
        paths.forEach(path -> shapes.add(withoutLayer(path)));
        return String.join(", ", shapes);
    }

    private static String withoutLayer(String path) {
        return path.replaceAll("(?<=^|\\.)\\d+(?=\\.|$)", "*");
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /// Edit distance of whole names, or of the last components if that is less.
    private static int distance(String name, String candidate) {
        return Math.min(edits(name, candidate), edits(last(name), last(candidate)));
    }

    /// Insertions, deletions and substitutions (Levenshtein).
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
