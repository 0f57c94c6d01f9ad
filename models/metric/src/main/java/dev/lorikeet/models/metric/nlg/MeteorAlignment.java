package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/// Matches of which no two use a word twice, chosen so that they cover the most words, then form the fewest chunks,
/// then lie closest to where they came from. Found by a beam search from left to right over the hypothesis.
///
/// @param matches in the order of the hypothesis
/// @param chunks  runs of matches that are adjacent and in the same order in both texts
record MeteorAlignment(List<MeteorMatch> matches, int chunks) {
    private static final int BEAM = 40;

    private static final Comparator<Path> BEST = Comparator
            .comparingInt((Path path) -> -path.covered)
            .thenComparingInt(path -> path.chunks)
            .thenComparingInt(path -> path.distance);

    /// A choice for the words of the hypothesis before `next`.
    private record Path(Path before, MeteorMatch match, int next, BitSet used, int covered, int chunks, int distance,
            int otherEnd) {
        static Path empty() {
            return new Path(null, null, 0, new BitSet(), 0, 0, 0, -1);
        }

        Path skip() {
            return new Path(this, null, next + 1, used, covered, chunks, distance, -1);
        }

        boolean free(MeteorMatch each) {
            int taken = used.nextSetBit(each.other());
            return taken < 0 || taken >= each.other() + each.otherSize();
        }

        Path take(MeteorMatch each) {
            BitSet now = (BitSet) used.clone();
            now.set(each.other(), each.other() + each.otherSize());
            boolean adjacent = match != null && otherEnd == each.other();
            return new Path(this, each, next + each.length(), now, covered + each.length() + each.otherSize(),
                    chunks + (adjacent ? 0 : 1), distance + Math.abs(each.start() - each.other()),
                    each.other() + each.otherSize());
        }
    }

    static MeteorAlignment of(List<MeteorMatch> all, int words) {
        List<List<MeteorMatch>> byStart = new ArrayList<>();
        List<List<Path>> waiting = new ArrayList<>();
        for (int i = 0; i <= words; i++) {
            byStart.add(new ArrayList<>());
            waiting.add(new ArrayList<>());
        }
        all.forEach(match -> byStart.get(match.start()).add(match));
        waiting.getFirst().add(Path.empty());
        for (int i = 0; i < words; i++) {
            List<Path> beam = waiting.get(i);
            beam.sort(BEST);
            for (Path path : beam.subList(0, Math.min(BEAM, beam.size()))) {
                for (MeteorMatch match : byStart.get(i)) {
                    if (path.free(match)) {
                        waiting.get(i + match.length()).add(path.take(match));
                    }
                }
                waiting.get(i + 1).add(path.skip());
            }
            waiting.set(i, List.of());
        }
        Path best = Collections.min(waiting.getLast(), BEST);
        List<MeteorMatch> chosen = new ArrayList<>();
        for (Path path = best; path != null; path = path.before) {
            if (path.match != null) {
                chosen.add(path.match);
            }
        }
        return new MeteorAlignment(chosen.reversed(), best.chunks);
    }
}
