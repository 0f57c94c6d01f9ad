package dev.lorikeet.models.hub;

import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.tensor.io.Checkpoint;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a user may give where a model or an adapter is wanted: a path, or the name of one that was fetched, with
/// `@revision` after it if it is not the hub's main one. A path that exists is meant as such.
public final class ModelPath {
    private ModelPath() {}

    /// The path, or the directory in the cache.
    ///
    /// @param given a path as it was given
    /// @throws HubInputException if there is no such path and no such model in the cache; the message says how to fetch
    ///                           it
    public static Path resolve(Path given) {
        return resolve(given, HubEnvironment.system().cache(null));
    }

    static Path resolve(Path given, HubCache cache) {
        return find(given, cache).orElseThrow(() -> {
            Optional<Fetched> name = Fetched.of(given);
            return new HubInputException(name.isEmpty() ? given + ": no such file or directory"
                    : "%s: no such file or directory, and no fetched model of that name in %s; give a directory, or "
                            .formatted(given, cache.root()) + "fetch it: lorikeet pull " + name.get().arguments());
        });
    }

    /// The path, or the directory in the cache, if there is one of them.
    public static Optional<Path> find(Path given) {
        return find(given, HubEnvironment.system().cache(null));
    }

    private static Optional<Path> find(Path given, HubCache cache) {
        return Files.exists(given) ? Optional.of(given)
                : Fetched.of(given).flatMap(name -> cache.find(name.name(), name.revision()))
                        .filter(ModelPath::isWhole);
    }

    /// A model that `NAME` or `NAME@REVISION` stands for.
    private record Fetched(HubName name, Revision revision) {
        static Optional<Fetched> of(Path given) {
            String text = given.toString().replace(File.separatorChar, '/');
            int at = text.indexOf('@');
            Revision revision = at < 0 ? Revision.MAIN : Revision.of(text.substring(at + 1)).orElse(null);
            return revision == null ? Optional.empty()
                    : HubName.of(at < 0 ? text : text.substring(0, at)).map(name -> new Fetched(name, revision));
        }

        /// What fetches it.
        String arguments() {
            return name + (revision.equals(Revision.MAIN) ? "" : " --revision " + revision);
        }
    }

    /// Whether a description and weights are there: other tools fetch single files into the same cache.
    private static boolean isWhole(Path directory) {
        return isWhole(directory, "config.json", false) || isWhole(directory, PeftFormat.CONFIG, true);
    }

    private static boolean isWhole(Path directory, String config, boolean adapter) {
        if (!Files.isRegularFile(directory.resolve(config))) {
            return false;
        }
        List<Path> weights = Checkpoint.FILE_NAMES.stream().filter(file -> file.startsWith("adapter_") == adapter)
                .map(directory::resolve).filter(Files::isRegularFile).toList();
        return !weights.isEmpty() && Checkpoint.isWhole(weights.getFirst());
    }
}
