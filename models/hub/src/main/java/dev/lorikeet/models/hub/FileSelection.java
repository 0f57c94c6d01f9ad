package dev.lorikeet.models.hub;

import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.base.TokenizerFiles;
import dev.lorikeet.tensor.io.Checkpoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which files of a repository are fetched: what describes the model, its tokenizer, and its weights in one form. Many
/// repositories hold the same weights several times, for other programs.
///
/// @param files   what is fetched
/// @param indices those of them that name further files: the shards
record FileSelection(List<String> files, List<String> indices) {
    private static final String CONFIG = "config.json";

    /// @throws HubInputException if there is neither a model nor an adapter among the files
    static FileSelection of(HubName name, Set<String> there) {
        if (there.isEmpty()) {
            throw new HubInputException(name + ": the repository is empty; give one with a model or an adapter");
        }
        Set<String> files = new LinkedHashSet<>();
        if (there.contains(CONFIG)) {
            weights(there, false).ifPresent(weights -> files.addAll(List.of(CONFIG, weights)));
        }
        if (there.contains(PeftFormat.CONFIG)) {
            weights(there, true).ifPresent(weights -> files.addAll(List.of(PeftFormat.CONFIG, weights)));
        }
        if (files.isEmpty()) {
            throw nothing(name, there);
        }
        List<String> indices = files.stream().filter(Checkpoint::isIndex).toList();
        List<String> beside = new ArrayList<>(TokenizerFiles.NAMES);
        beside.add("generation_config.json");
        beside.stream().filter(there::contains).forEach(files::add);
        return new FileSelection(List.copyOf(files), indices);
    }

    /// The weights that [Checkpoint] would take: safetensors first.
    private static Optional<String> weights(Set<String> there, boolean ofAdapter) {
        return Checkpoint.FILE_NAMES.stream()
                .filter(file -> file.startsWith("adapter_") == ofAdapter && there.contains(file)).findFirst();
    }

    private static HubInputException nothing(HubName name, Set<String> there) {
        List<String> found = there.stream().sorted().limit(12).map(Printable::printable).toList();
        return new HubInputException(("%s: expected a model (%s and one of %s) or an adapter (%s and its weights), "
                + "found %s%s; give another repository").formatted(
                        name, CONFIG, String.join(", ", Checkpoint.FILE_NAMES.subList(0, 4)), PeftFormat.CONFIG,
                        String.join(", ", found), there.size() > found.size() ? ", …" : ""));
    }
}
