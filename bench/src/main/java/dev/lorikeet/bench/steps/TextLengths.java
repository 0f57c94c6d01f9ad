package dev.lorikeet.bench.steps;

import dev.lorikeet.models.data.Sized;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// How many texts of a data set have how many tokens, special ones included: its histogram, shortest first. The data
/// themselves may not be handed on; these numbers stand beside this class, one file per task, made by
/// `bench/run lengths` as its first line says.
public final class TextLengths implements Sized {
    private final int[] lengths;

    private TextLengths(int... lengths) {
        this.lengths = lengths;
    }

    /// The lengths of some texts.
    ///
    /// @throws IllegalArgumentException if there is none
    public static TextLengths of(int... lengths) {
        if (lengths.length == 0) {
            throw new IllegalArgumentException("no texts, no lengths");
        }
        return new TextLengths(lengths.clone());
    }

    /// The lengths of a published data set: `sst-2` or `mnli`.
    ///
    /// @throws IllegalArgumentException if there is none of this name
    public static TextLengths published(String task) {
        String file = "lengths-%s.txt".formatted(task);
        try (InputStream in = TextLengths.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalArgumentException("no lengths of '%s' (%s)".formatted(task, file));
            }
            return new TextLengths(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .flatMapToInt(pair -> IntStream.generate(() -> Integer.parseInt(pair[0]))
                            .limit(Long.parseLong(pair[1])))
                    .toArray());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /// None longer than `most`: what training with that maximum sees.
    public TextLengths cutTo(int most) {
        return new TextLengths(Arrays.stream(lengths).map(length -> Math.min(length, most)).toArray());
    }

    @Override
    public int size() {
        return lengths.length;
    }

    @Override
    public int rows(int i) {
        return lengths[i];
    }

    /// Length → number of texts.
    public NavigableMap<Integer, Integer> counts() {
        NavigableMap<Integer, Integer> counts = new TreeMap<>();
        Arrays.stream(lengths).forEach(length -> counts.merge(length, 1, Integer::sum));
        return counts;
    }

    /// `67349 texts, 13.3 tokens on average, half of them at most 10, the longest 66`
    @Override
    public String toString() {
        int[] sorted = Arrays.stream(lengths).sorted().toArray();
        return String.format(Locale.ROOT, "%d texts, %.1f tokens on average, half of them at most %d, the longest %d",
                sorted.length, Arrays.stream(sorted).average().orElseThrow(), sorted[(sorted.length - 1) / 2],
                sorted[sorted.length - 1]);
    }

    /// The histogram as it is kept: a line `length number` for each length that occurs.
    public String table() {
        StringBuilder table = new StringBuilder();
        for (Map.Entry<Integer, Integer> each : counts().entrySet()) {
            table.append(each.getKey()).append(' ').append(each.getValue()).append('\n');
        }
        return table.toString();
    }
}
