package dev.lorikeet.bench.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.openjdk.jmh.util.ListStatistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `before-after`: what `bench/run ab` has measured. Each round left one result file of JMH per side.
@Command(
        name = "before-after",
        description = {
            "Compares JMH's results of two builds that took turns: FOLDER/before-1.json, after-1.json, …",
            "Quoted: the geometric mean of each round's ratio after/before and its 95% confidence interval."
        },
        mixinStandardHelpOptions = true)
final class BeforeAfterCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double CONFIDENCE = 0.95;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FOLDER", description = "Where the files are.")
    private Path folder;

    /// The scores of one benchmark, round by round.
    private record Pair(List<Double> before, List<Double> after, String unit) {}

    @Override
    public Integer call() throws IOException {
        Map<String, Pair> pairs = new TreeMap<>();
        for (int round = 1; Files.exists(folder.resolve("after-" + round + ".json")); round++) {
            read(pairs, folder.resolve("before-" + round + ".json"), true);
            read(pairs, folder.resolve("after-" + round + ".json"), false);
        }
        var out = spec.commandLine().getOut();
        out.println("| benchmark | before | after | unit | after / before | 95% interval |");
        out.println("|---|---:|---:|---|---:|---:|");
        pairs.forEach((name, pair) -> out.println(line(name, pair)));
        return 0;
    }

    private static void read(Map<String, Pair> pairs, Path file, boolean before) throws IOException {
        for (JsonNode run : JSON.readTree(file.toFile())) {
            String name = run.get("benchmark").asText().replaceAll("^.*\\.(?=[A-Z])", "");
            String key = name + (run.has("params") ? " " + run.get("params").toString().replaceAll("[{}\"]", "") : "");
            Pair pair = pairs.computeIfAbsent(key, _ -> new Pair(new ArrayList<>(), new ArrayList<>(),
                    run.at("/primaryMetric/scoreUnit").asText()));
            (before ? pair.before() : pair.after()).add(run.at("/primaryMetric/score").asDouble());
        }
    }

    /// One line of the table; a benchmark that only one side has is named without a ratio.
    static String line(String name, List<Double> before, List<Double> after, String unit) {
        if (before.size() != after.size()) {
            return "| %s | %d rounds | %d rounds | %s | | |".formatted(name, before.size(), after.size(), unit);
        }
        double[] logs = new double[before.size()];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = Math.log(after.get(i) / before.get(i));
        }
        ListStatistics ratios = new ListStatistics(logs);
        double[] interval = logs.length > 1
                ? ratios.getConfidenceIntervalAt(CONFIDENCE)
                : new double[] {Double.NaN, Double.NaN};
        return String.format(Locale.ROOT, "| %s | %.4g | %.4g | %s | %.3f | %.3f – %.3f |", name,
                new ListStatistics(doubles(before)).getPercentile(50),
                new ListStatistics(doubles(after)).getPercentile(50),
                unit, Math.exp(ratios.getMean()), Math.exp(interval[0]), Math.exp(interval[1]));
    }

    private static String line(String name, Pair pair) {
        return line(name, pair.before(), pair.after(), pair.unit());
    }

    private static double[] doubles(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
