package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.List;

/// The greedy search for shifts of TER: a run of words that also stands in the reference, of which something is wrong
/// where it stands now and something is missing where it would go, moves there if that saves the most edits.
final class TerShifts {
    private static final int LONGEST = 10;
    private static final int FARTHEST = 50;
    private static final int MOST_CANDIDATES = 1000;

    private TerShifts() {}

    /// A shift that was tried.
    ///
    /// @param words what becomes of the text
    /// @param gain  edits that it saves
    private record Shift(List<String> words, int gain, int length, int start, int target) {
        /// The larger gain, then the longer run, then the one that stands first, then the nearer to the beginning.
        boolean betterThan(Shift other) {
            if (other == null || gain != other.gain) {
                return other == null || gain > other.gain;
            }
            if (length != other.length) {
                return length > other.length;
            }
            return start != other.start ? start < other.start : target < other.target;
        }
    }

    /// Insertions, deletions, substitutions and shifts, as many as the search finds.
    static int edits(List<String> hypothesis, List<String> reference) {
        if (reference.isEmpty()) {
            return hypothesis.size();
        }
        List<String> words = hypothesis;
        int shifts = 0;
        int candidates = 0;
        while (true) {
            EditPath path = EditPath.of(words, reference);
            List<Shift> tried = candidates(words, reference, path, MOST_CANDIDATES - candidates);
            candidates += tried.size();
            Shift best = null;
            for (Shift shift : tried) {
                best = shift.betterThan(best) ? shift : best;
            }
            if (best == null || best.gain <= 0) {
                return shifts + path.distance();
            }
            shifts++;
            words = best.words;
            if (candidates >= MOST_CANDIDATES) {
                return shifts + EditPath.of(words, reference).distance();
            }
        }
    }

    private static List<Shift> candidates(List<String> words, List<String> reference, EditPath path, int most) {
        List<Shift> all = new ArrayList<>();
        for (int start = 0; start < words.size(); start++) {
            for (int other = 0; other < reference.size(); other++) {
                if (Math.abs(other - start) > FARTHEST) {
                    continue;
                }
                for (int length = 1; length <= LONGEST && start + length <= words.size()
                        && other + length <= reference.size()
                        && words.get(start + length - 1).equals(reference.get(other + length - 1)); length++) {
                    addShifts(all, words, reference, path, start, other, length);
                    if (all.size() >= most) {
                        return all;
                    }
                }
            }
        }
        return all;
    }

    private static void addShifts(List<Shift> all, List<String> words, List<String> reference, EditPath path, int start,
            int other, int length) {
        int aligned = path.alignedTo()[other];
        if (!any(path.wrong(), start, length) || !any(path.missing(), other, length)
                || start <= aligned && aligned < start + length) {
            return;
        }
        int before = -1;
        for (int offset = -1; offset < length; offset++) {
            int target;
            if (other + offset == -1) {
                target = 0;
            } else {
                target = path.alignedTo()[other + offset] + 1;
            }
            if (target == before) {
                continue;
            }
            before = target;
            List<String> shifted = shifted(words, start, length, target);
            all.add(new Shift(
                    shifted, path.distance() - EditPath.of(shifted, reference).distance(), length, start, target));
        }
    }

    private static boolean any(boolean[] flags, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (flags[i]) {
                return true;
            }
        }
        return false;
    }

    /// The words with those from `start` on before the one that stands at `target` now.
    private static List<String> shifted(List<String> words, int start, int length, int target) {
        List<String> run = words.subList(start, start + length);
        List<String> shifted = new ArrayList<>(words.size());
        for (int i = 0; i <= words.size(); i++) {
            if (i == target) {
                shifted.addAll(run);
            }
            if (i < words.size() && (i < start || i >= start + length)) {
                shifted.add(words.get(i));
            }
        }
        return shifted;
    }
}
