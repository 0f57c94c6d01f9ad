package dev.lorikeet.tensor.io;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Looking up a tensor by name, with an error that helps.
final class NamedTensors {
    private NamedTensors() {}

    /// The entry of that name.
    ///
    /// @throws FormatException naming the most similar entries if there is none
    static <T> T require(Path file, Map<String, T> tensors, String name) {
        T found = tensors.get(name);
        if (found == null) {
            throw new FormatException(file, name, "a tensor of this name", tensors.size() + " others",
                    tensors.isEmpty() ? "The file has no tensors." : "Similar names: " + similar(tensors, name) + ".");
        }
        return found;
    }

    /// The three names that share the longest ending with `name`: prefixes such as `transformer.` are what differs most
    /// often.
    private static <T> String similar(Map<String, T> tensors, String name) {
        Comparator<String> byCommonEnding = Comparator.comparingInt(other -> -commonEnding(other, name));
        List<String> best = tensors.keySet().stream().sorted(byCommonEnding).limit(3).toList();
        return best.stream().map(FormatException::quote).collect(Collectors.joining(", "));
    }

    private static int commonEnding(String a, String b) {
        int n = 0;
        while (n < a.length() && n < b.length() && a.charAt(a.length() - 1 - n) == b.charAt(b.length() - 1 - n)) {
            n++;
        }
        return n;
    }
}
