package dev.lorikeet.models.metric.nlg;

import dev.lorikeet.models.data.DataFile;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What METEOR 1.5 prints about a whole corpus.
///
/// @param matched by stage: content words, function words of the hypothesis
record MeteorReport(int[][] matched, int hypothesisWords, double precision, double score) {
    static MeteorReport read(Path file) {
        List<String> lines = DataFile.lines(file);
        int[][] matched = new int[4][];
        for (int stage = 0; stage < 4; stage++) {
            Matcher row = find(lines, (stage + 1) + "\\s+(\\d+)\\s+(\\d+)\\s+\\d+\\s.*");
            matched[stage] = new int[] {Integer.parseInt(row.group(1)), Integer.parseInt(row.group(2))};
        }
        return new MeteorReport(matched, Integer.parseInt(find(lines, "Test words:\\s+(\\d+)").group(1)),
                Double.parseDouble(find(lines, "Precision:\\s+(\\S+)").group(1)),
                Double.parseDouble(find(lines, "Final score:\\s+(\\S+)").group(1)));
    }

    private static Matcher find(List<String> lines, String pattern) {
        return lines.stream().map(Pattern.compile(pattern)::matcher).filter(Matcher::matches).findFirst().orElseThrow();
    }

    /// The precision of the report's own matches over these words.
    double precision(int content, int function) {
        double[] weights = {1, 0.6, 0.8, 0.6};
        double sum = 0;
        for (int stage = 0; stage < 4; stage++) {
            sum += weights[stage] * (0.75 * matched[stage][0] + 0.25 * matched[stage][1]);
        }
        return sum / (0.75 * content + 0.25 * function);
    }
}
