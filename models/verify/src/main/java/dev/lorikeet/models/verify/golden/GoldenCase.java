package dev.lorikeet.models.verify.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// An opened case: its stored numbers, and the book of what has been compared with them. Every tensor of the manifest
/// is either read as an input or compared; what is neither when the case is finished was not checked.
public final class GoldenCase implements AutoCloseable {
    private final Manifest manifest;
    private final GoldenFiles files;
    private final Set<String> used = new HashSet<>();
    private final List<Check> checks = new ArrayList<>();
    private boolean abandoned;

    public GoldenCase(Manifest manifest) {
        this.manifest = manifest;
        this.files = new GoldenFiles(manifest.directory());
    }

    public Manifest manifest() {
        return manifest;
    }

    public Path directory() {
        return manifest.directory();
    }

    /// Whether the manifest lists a tensor of that name.
    public boolean has(String tensor) {
        return manifest.tensors().containsKey(tensor);
    }

    /// A stored tensor that the computation starts from.
    ///
    /// @throws CaseException if the manifest does not list it
    public Golden input(String tensor) {
        used.add(tensor);
        return files.read(entry(tensor));
    }

    /// The input `attention_mask`, or null if nothing is padded.
    public Golden mask() {
        return has("attention_mask") ? input("attention_mask") : null;
    }

    /// Expected numbers, without comparing anything yet.
    public Golden expected(String tensor) {
        return files.read(entry(tensor));
    }

    private TensorEntry entry(String tensor) {
        TensorEntry entry = manifest.tensors().get(tensor);
        if (entry == null) {
            throw new CaseException(manifest.file(), "lists no tensor '%s'".formatted(tensor),
                    "a case of kind %s needs it".formatted(manifest.kind()));
        }
        return entry;
    }

    /// Compares a tensor; integers have to be equal.
    public void check(String tensor, double[] actual) {
        check(tensor, "", actual);
    }

    /// As [#check(String, double[])].
    ///
    /// @param how by which way it was computed, where there are several
    public void check(String tensor, String how, double[] actual) {
        check(tensor, how, actual, new boolean[actual.length]);
    }

    /// As [#check(String, String, double[])], leaving out elements that are undefined.
    public void check(String tensor, String how, double[] actual, boolean[] undefined) {
        Golden golden = expected(tensor);
        used.add(tensor);
        double[] values = golden.values();
        if (values.length != actual.length) {
            checks.add(Check.fact(tensor, false, "%d elements were computed, %s are expected".formatted(
                    actual.length, golden.shape())));
            return;
        }
        double worst = 0;
        int skipped = 0;
        for (int i = 0; i < actual.length; i++) {
            if (undefined[i] || golden.entry().isNoise(i)) {
                skipped++;
            } else {
                worst = larger(worst, difference(actual[i], values[i]));
            }
        }
        Double tolerance = golden.entry().tolerance();
        checks.add(Check.measured(tensor, how, worst, tolerance == null ? 0 : tolerance, skipped));
    }

    /// As [#check(String, String, double[])] for a result whose extents matter too.
    public void check(String tensor, String how, Shape shape, double[] actual) {
        if (shape.equals(entry(tensor).shape())) {
            check(tensor, how, actual);
        } else {
            used.add(tensor);
            checks.add(Check.fact(tensor, false, "shape %s was computed, %s is expected".formatted(
                    shape, entry(tensor).shape())));
        }
    }

    /// A NaN stays, so that it fails.
    private static double larger(double a, double b) {
        return a >= b ? a : b;
    }

    private static double difference(double actual, double expected) {
        return actual == expected || (Double.isNaN(actual) && Double.isNaN(expected))
                ? 0
                : Math.abs(actual - expected);
    }

    /// Compares a scalar of the manifest, a single `value` or a list of `values`.
    public void checkScalar(String scalar, double... actual) {
        JsonNode node = manifest.get("scalars").path(scalar);
        if (node.isMissingNode()) {
            throw new CaseException(manifest.file(), "lists no scalar '%s'".formatted(scalar),
                    "a case of kind %s needs it".formatted(manifest.kind()));
        }
        double[] values = Manifest.numbers(
                node.has("values") ? node.get("values") : node.has("value") ? node.get("value") : node);
        checkNumbers(scalar, values, actual, node.path("atol").asDouble(0));
    }

    /// Whether the manifest lists a scalar of that name.
    public boolean hasScalar(String scalar) {
        return manifest.get("scalars").has(scalar);
    }

    /// Compares numbers that are neither a tensor nor a scalar of the manifest.
    public void checkNumbers(String name, double[] expected, double[] actual, double tolerance) {
        used.add(name);
        if (expected.length != actual.length) {
            checks.add(Check.fact(name, false, "%d numbers were computed, %d are expected".formatted(
                    actual.length, expected.length)));
            return;
        }
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = larger(worst, difference(actual[i], expected[i]));
        }
        checks.add(Check.measured(name, "", worst, tolerance, 0));
    }

    /// Notes something that is right or wrong.
    public void fact(String name, boolean holds, String how) {
        used.add(name);
        checks.add(Check.fact(name, holds, how));
    }

    /// Notes something that could not be compared.
    public void notChecked(String name, String why) {
        used.add(name);
        checks.add(Check.notChecked(name, why));
    }

    /// Notes that the case as a whole could not be replayed.
    public void abandon(String why) {
        notChecked(manifest.name(), why);
        abandoned = true;
    }

    /// The result: everything compared, then everything that nobody looked at.
    public CaseReport finish() {
        List<Check> all = new ArrayList<>(checks);
        for (String tensor : manifest.tensors().keySet()) {
            if (!used.contains(tensor)) {
                all.add(Check.notChecked(tensor, abandoned ? "" : "nothing of this kind of case computes or uses it"));
            }
        }
        manifest.get("scalars").fieldNames().forEachRemaining(scalar -> {
            if (!used.contains(scalar)) {
                all.add(Check.notChecked(scalar, abandoned ? "" : "nothing of this kind of case computes it"));
            }
        });
        for (String file : manifest.files()) {
            if (!Files.isRegularFile(directory().resolve(file))) {
                all.add(Check.notChecked(file, "the file is not there"));
            }
        }
        if (all.isEmpty()) {
            all.add(Check.notChecked(manifest.name(), "the manifest lists nothing to compare"));
        }
        return new CaseReport(manifest.name(), manifest.kind(), all);
    }

    @Override
    public void close() {
        files.close();
    }
}
