package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.verify.golden.CaseException;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The adapter directories of a case: each holds the same adapter, and the safetensors one is written again byte for
/// byte, its configuration with the same meaning.
final class PeftFiles {
    private static final String TENSORS = "adapter_model.safetensors";

    private final GoldenCase golden;
    private final List<String> directories;

    PeftFiles(GoldenCase golden) {
        this.golden = golden;
        this.directories = golden.manifest().files().stream()
                .filter(file -> file.endsWith(PeftFormat.CONFIG))
                .map(file -> file.substring(0, file.length() - PeftFormat.CONFIG.length()))
                .sorted()
                .toList();
        if (directories.isEmpty()) {
            throw new CaseException(golden.manifest().file(), "lists no " + PeftFormat.CONFIG,
                    "a case of kind %s needs an adapter".formatted(golden.manifest().kind()));
        }
    }

    /// The adapter of the first directory.
    ///
    /// @throws NotReplayed     if it is an adapter that this engine does not compute
    /// @throws FormatException if its files are damaged
    StoredAdapter open() {
        return open(directories.getFirst());
    }

    private StoredAdapter open(String directory) {
        Path path = golden.directory().resolve(directory);
        json(path.resolve(PeftFormat.CONFIG));
        Checkpoint.open(path).close();
        try {
            return AdapterFiles.open(path);
        } catch (FormatException refused) {
            throw new NotReplayed("the adapter cannot be replayed: " + refused.getMessage());
        }
    }

    /// @param snapshot what a model has that was built with [#open]
    void check(StoredAdapter snapshot) {
        for (String directory : directories) {
            String difference = difference(snapshot, open(directory));
            golden.fact("numbers of " + directory, difference.isEmpty(), difference);
            if (Files.isRegularFile(golden.directory().resolve(directory + TENSORS))) {
                rewritten(directory, snapshot);
            }
        }
    }

    private String difference(StoredAdapter a, StoredAdapter b) {
        Set<String> whole = new HashSet<>(a.saved().keySet());
        whole.removeAll(unsaved());
        if (!a.deltas().keySet().equals(b.deltas().keySet()) || !whole.equals(b.saved().keySet())) {
            return "updates %s and %s, whole weights %s and %s".formatted(
                    a.deltas().keySet(), b.deltas().keySet(), a.saved().keySet(), b.saved().keySet());
        }
        for (Map.Entry<String, StoredDelta> entry : a.deltas().entrySet()) {
            StoredDelta other = b.deltas().get(entry.getKey());
            boolean same = same(entry.getValue().a(), other.a()) && same(entry.getValue().b(), other.b())
                    && same(List.copyOf(entry.getValue().extras().values()), List.copyOf(other.extras().values()))
                    && a.config().scaleFor(entry.getKey()) == b.config().scaleFor(entry.getKey());
            if (!same) {
                return "another update of " + entry.getKey();
            }
        }
        return a.saved().entrySet().stream()
                .filter(entry -> whole.contains(entry.getKey()))
                .filter(entry -> !same(entry.getValue(), b.saved().get(entry.getKey())))
                .map(entry -> "another " + entry.getKey())
                .findFirst().orElse("");
    }

    private static boolean same(List<StoredTensor> a, List<StoredTensor> b) {
        return a.size() == b.size() && IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
    }

    private static boolean same(StoredTensor a, StoredTensor b) {
        return a.dtype() == b.dtype() && a.shape().equals(b.shape()) && a.bytes().mismatch(b.bytes()) < 0;
    }

    private void rewritten(String directory, StoredAdapter snapshot) {
        Path original = golden.directory().resolve(directory);
        try {
            Path written = Files.createTempDirectory("lorikeet-verify-");
            try {
                PeftFormat.write(written, snapshot);
                tensorsRewritten(directory, original.resolve(TENSORS), written.resolve(TENSORS));
                String difference = difference(
                        json(original.resolve(PeftFormat.CONFIG)), json(written.resolve(PeftFormat.CONFIG)));
                golden.fact(directory + PeftFormat.CONFIG + " rewritten", difference.isEmpty(), difference);
            } finally {
                delete(written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the adapter again", e);
        }
    }

    /// Paths of the biases that PEFT trained and did not save.
    private Set<String> unsaved() {
        Set<String> paths = new HashSet<>();
        golden.manifest().get("trained_but_not_saved_by_peft").forEach(name -> paths.add(
                name.asText().replaceFirst("^base_model\\.model\\.", "").replace(".base_layer.", ".")));
        return paths;
    }

    /// Byte for byte, but for what PEFT trained and left out of its file, and for what it saved twice.
    private void tensorsRewritten(String directory, Path original, Path written) throws IOException {
        Set<String> unsaved = new HashSet<>();
        golden.manifest().get("trained_but_not_saved_by_peft").forEach(name -> unsaved.add(name.asText()));
        try (Checkpoint before = Checkpoint.open(original); Checkpoint after = Checkpoint.open(written)) {
            Set<String> kept = new HashSet<>(before.names());
            kept.removeIf(name -> name.contains(".original_module.") || name.contains(".modules_to_save."));
            boolean exactly = unsaved.isEmpty() && kept.size() == before.names().size();
            Set<String> expected = new HashSet<>(kept);
            expected.addAll(unsaved);
            boolean same = exactly
                    ? Files.mismatch(original, written) < 0
                    : expected.equals(new HashSet<>(after.names())) && kept.stream()
                            .allMatch(name -> before.bytes(name).mismatch(after.bytes(name)) < 0);
            golden.fact(directory + TENSORS + " rewritten", same, same
                    ? (exactly ? "byte for byte" : "the same tensors without copies, and all that was trained")
                    : "other bytes: " + after.names());
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /// The same settings; a missing one is the same as one that is off, and lists are sets.
    private static String difference(JsonNode expected, JsonNode actual) {
        Set<String> keys = new HashSet<>();
        expected.fieldNames().forEachRemaining(keys::add);
        actual.fieldNames().forEachRemaining(keys::add);
        keys.remove("peft_version");
        List<String> different = new ArrayList<>();
        for (String key : keys) {
            JsonNode a = expected.path(key);
            JsonNode b = actual.path(key);
            boolean bothThere = expected.has(key) && actual.has(key);
            boolean absentMeansOff = !bothThere && (isOff(a) || isOff(b));
            boolean isDefault = isDefault(key, expected.has(key) ? a : b, bothThere);
            if (!absentMeansOff && !isDefault && !plain(key, a).equals(plain(key, b))) {
                different.add("%s: %s and %s".formatted(key, a, b));
            }
        }
        return String.join("; ", different);
    }

    private static boolean isOff(JsonNode value) {
        return value.isNull() || (value.isBoolean() && !value.booleanValue())
                || (value.isContainerNode() && value.isEmpty());
    }

    /// Settings that some versions of PEFT write and others do not, with the value that changes nothing.
    private static boolean isDefault(String key, JsonNode value, boolean bothThere) {
        return !bothThere && ((key.equals("megatron_core") && value.asText().equals("megatron.core"))
                || (key.equals("qalora_group_size") && value.asInt() == 16));
    }

    /// Layers may be given as one or as a list of one. A target that is no list is a regular expression.
    private static Object plain(String key, JsonNode node) {
        return key.startsWith("layers_") && !node.isArray() ? Set.of(plain(node)) : plain(node);
    }

    private static Object plain(JsonNode node) {
        if (node.isArray()) {
            Set<Object> set = new HashSet<>();
            node.forEach(element -> set.add(plain(element)));
            return set;
        }
        return node.isNumber() ? (Object) node.doubleValue() : node;
    }

    private static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CaseException(file, "cannot be read as JSON: " + e.getMessage(), "check the file");
        }
    }
}
