package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.GoldenFiles;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// Kind `formats`: files whose tensors are listed in the manifest with type, shape and every value, and files that have
/// to be refused.
final class FormatsCase implements CaseKind {
    @Override
    public void replay(GoldenCase golden, Pool pool) {
        golden.manifest().get("must_be_refused").forEach(file -> refused(golden, file.asText()));
        for (JsonNode format : golden.manifest().require("contents")) {
            format.properties().forEach(file -> contents(golden, file.getKey(), file.getValue()));
        }
    }

    private static void refused(GoldenCase golden, String name) {
        Path file = golden.directory().resolve(name);
        if (!Files.isRegularFile(file)) {
            golden.notChecked(name, "the file is not there");
            return;
        }
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            golden.fact(name, false, "has to be refused, but %d tensors were found in it".formatted(
                    checkpoint.names().size()));
        } catch (FormatException refusal) {
            golden.fact(name, true, "refused: " + refusal.getMessage().replace(file + ": ", ""));
        }
    }

    private static void contents(GoldenCase golden, String name, JsonNode tensors) {
        Path file = golden.directory().resolve(name);
        if (!Files.isRegularFile(file)) {
            golden.notChecked(name, "the file is not there");
            return;
        }
        Set<String> expected = new HashSet<>();
        tensors.fieldNames().forEachRemaining(expected::add);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            golden.fact(name + " names", checkpoint.names().equals(expected),
                    checkpoint.names().equals(expected) ? "" : "has " + checkpoint.names());
            tensors.properties().stream().filter(tensor -> checkpoint.names().contains(tensor.getKey())).forEach(
                    tensor -> tensor(golden, name + " " + tensor.getKey(), checkpoint, tensor.getKey(),
                            tensor.getValue()));
        } catch (FormatException damaged) {
            golden.fact(name, false, damaged.getMessage());
        }
    }

    private static void tensor(
            GoldenCase golden, String label, Checkpoint checkpoint, String name, JsonNode expected) {
        TensorInfo info = checkpoint.info(name);
        boolean same = info.dtype().name().equals(expected.path("dtype").asText())
                && info.shape().equals(Shape.of(Manifest.ints(expected.path("shape"))))
                && info.shape().size() == expected.path("values").size();
        if (!same) {
            golden.fact(label, false, "is %s %s".formatted(info.dtype(), info.shape()));
            return;
        }
        double[] values = GoldenFiles.doubles(checkpoint, info);
        for (int i = 0; i < values.length; i++) {
            if (!equal(checkpoint, info, values[i], i, expected.get("values").get(i))) {
                golden.fact(label, false, "element %d is %s, expected %s".formatted(
                        i, values[i], expected.get("values").get(i)));
                return;
            }
        }
        golden.fact(label, true, "");
    }

    /// Bit for bit: 64-bit integers do not all fit a double, and −0 is not 0.
    private static boolean equal(Checkpoint checkpoint, TensorInfo info, double value, int i, JsonNode expected) {
        if (info.dtype() == DType.I64) {
            MemorySegment bytes = checkpoint.bytes(info.name());
            return bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i) == expected.longValue();
        }
        if (expected.isBoolean()) {
            return value == (expected.booleanValue() ? 1 : 0);
        }
        double number = expected.isTextual() ? special(expected.textValue()) : expected.doubleValue();
        return Double.compare(value, number) == 0;
    }

    private static double special(String name) {
        return switch (name) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> throw new NotReplayed("cannot read the number '%s'".formatted(name));
        };
    }
}
