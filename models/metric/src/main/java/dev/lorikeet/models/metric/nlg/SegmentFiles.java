package dev.lorikeet.models.metric.nlg;

import dev.lorikeet.models.data.DataException;
import dev.lorikeet.models.data.DataFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Pairs a file of hypotheses, one a line, with files of references, plain or gzip.
public final class SegmentFiles {
    private SegmentFiles() {}

    /// References of one segment follow one another, an empty line ends each group: the files of the E2E challenge.
    ///
    /// @throws DataException if a file cannot be read, or there are not as many groups as hypotheses
    public static List<Segment> grouped(Path references, Path hypotheses) {
        List<List<String>> groups = new ArrayList<>();
        List<String> group = new ArrayList<>();
        for (String line : DataFile.lines(references)) {
            if (!line.isBlank()) {
                group.add(line);
            } else if (!group.isEmpty()) {
                groups.add(group);
                group = new ArrayList<>();
            }
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return paired(groups, references, "groups of references", hypotheses);
    }

    /// Line k of every file is a reference of segment k; an empty line is one that is missing: the files of the WebNLG
    /// and DART leaderboards. A single file that has several times as many lines as there are hypotheses has the
    /// references of each segment one after another, as METEOR takes them.
    ///
    /// @throws DataException if a file cannot be read, or has not as many lines as there are hypotheses
    public static List<Segment> parallel(List<Path> references, Path hypotheses) {
        List<String> texts = DataFile.lines(hypotheses);
        List<List<String>> groups = new ArrayList<>();
        texts.forEach(_ -> groups.add(new ArrayList<>()));
        for (Path file : references) {
            List<String> lines = DataFile.lines(file);
            int each = references.size() == 1 && lines.size() % texts.size() == 0 ? lines.size() / texts.size() : 1;
            if (lines.size() != each * texts.size()) {
                throw mismatch(file, "lines", lines.size(), hypotheses, texts.size());
            }
            for (int i = 0; i < lines.size(); i++) {
                groups.get(i / each).add(lines.get(i));
            }
        }
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).stream().allMatch(String::isBlank)) {
                throw new DataException(
                        references.getFirst(), i + 1, "a reference of this segment", "none in any file");
            }
        }
        return paired(groups, references.getFirst(), "lines", hypotheses);
    }

    private static List<Segment> paired(List<List<String>> groups, Path references, String what, Path hypotheses) {
        List<String> texts = DataFile.lines(hypotheses);
        if (texts.size() != groups.size()) {
            throw mismatch(references, what, groups.size(), hypotheses, texts.size());
        }
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            segments.add(new Segment(texts.get(i), groups.get(i)));
        }
        return segments;
    }

    private static DataException mismatch(Path references, String what, int found, Path hypotheses, int expected) {
        return new DataException(references, "%d %s, one for each line of %s".formatted(expected, what, hypotheses),
                Integer.toString(found));
    }
}
