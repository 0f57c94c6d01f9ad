package dev.lorikeet.models.train;

import dev.lorikeet.models.choice.ChoiceException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Seeds of training runs: everything random in a run follows from its seed.
///
/// @param values at least one, each once
/// @param apart  whether each run has a directory of its own, `seed-N`
public record Seeds(List<Long> values, boolean apart) {
    public Seeds {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new ChoiceException("no seeds: give at least one", "seeds");
        }
        if (Set.copyOf(values).size() < values.size()) {
            throw new ChoiceException("a seed is there twice: " + values, "seeds");
        }
    }

    /// One run.
    public static Seeds one(long seed) {
        return new Seeds(List.of(seed), false);
    }

    /// A run for each seed.
    public static Seeds each(List<Long> seeds) {
        return new Seeds(seeds, true);
    }

    /// Where the run of each seed goes.
    Map<Long, Path> directories(Path output) {
        Map<Long, Path> directories = new LinkedHashMap<>();
        values.forEach(seed -> directories.put(seed, apart ? output.resolve("seed-" + seed) : output));
        return directories;
    }
}
