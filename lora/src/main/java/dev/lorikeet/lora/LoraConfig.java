package dev.lorikeet.lora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Where an adapter goes and how strong it is. The meaning of every component is that of PEFT's `LoraConfig`.
///
/// @param rank          `r` of every module that `rankPattern` does not mention
/// @param alpha         `α` of every module that `alphaPattern` does not mention
/// @param dropout       probability of dropping an element of an update's input while training
/// @param rsLora        scale by `α/√r` instead of `α/r` (Kalajdzievski, *rsLoRA*, 2023)
/// @param targets       the projections that get an update
/// @param exclude       projections that do not, whatever `targets` says
/// @param layers        restricts `targets` to some layers
/// @param rankPattern   ranks by module: a key is a regular expression for the end of a path; the first that fits wins
/// @param alphaPattern  alphas by module, likewise
/// @param modulesToSave modules that are trained as a whole, by the end of their path; never targets
/// @param init          what a new A and B hold
/// @param variant       what an update has beside A and B
/// @param bias          which of the base's biases are trained too
public record LoraConfig(
        int rank,
        double alpha,
        double dropout,
        boolean rsLora,
        Targets targets,
        Targets exclude,
        LayerSubset layers,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        List<String> modulesToSave,
        LoraInit init,
        Variant variant,
        BiasMode bias) {

    public LoraConfig {
        checkRank("rank", rank);
        checkAlpha("alpha", alpha);
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be at least 0 and below 1, was " + dropout);
        }
        if (targets.equals(Targets.none())) {
            throw new IllegalArgumentException("no targets: name at least one projection, or say all-linear");
        }
        if (!layers.isAll() && !(targets instanceof Targets.Names)) {
            throw new IllegalArgumentException(
                    "layers can be chosen only for targets given by name, not for %s".formatted(targets));
        }
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        rankPattern.forEach((key, value) -> checkRank("rank of pattern '" + compiled(key) + "'", value));
        alphaPattern.forEach((key, value) -> checkAlpha("alpha of pattern '" + compiled(key) + "'", value));
        modulesToSave = List.copyOf(modulesToSave);
        if (modulesToSave.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a module to save has an empty name");
        }
        variant.check(targets);
    }

    /// A plain configuration; [#toBuilder] changes the rest.
    ///
    /// @param targets as [Targets#parse] reads it
    public static LoraConfig of(int rank, double alpha, String targets) {
        return builder().rank(rank).alpha(alpha).targets(Targets.parse(targets)).build();
    }

    /// A builder with PEFT's defaults: rank 8, alpha 8, no dropout; targets must be given.
    public static LoraConfigBuilder builder() {
        return new LoraConfigBuilder();
    }

    /// A builder that starts from this configuration.
    public LoraConfigBuilder toBuilder() {
        return new LoraConfigBuilder(this);
    }

    /// `r` of the module at `path`.
    public int rankFor(String path) {
        return lookUp(rankPattern, path).orElse(rank);
    }

    /// `α` of the module at `path`.
    public double alphaFor(String path) {
        return lookUp(alphaPattern, path).orElse(alpha);
    }

    /// The factor of the module's update, `s = α/r`, or `α/√r` for rsLoRA. This is the only place that knows.
    public double scaleFor(String path) {
        int r = rankFor(path);
        return alphaFor(path) / (rsLora ? Math.sqrt(r) : r);
    }

    /// The columns of the projection at `path` that get an update, or empty if it gets none.
    public Optional<Columns> columnsFor(String path) {
        if (exclude.match(path).isPresent() || isInsideSavedModule(path)) {
            return Optional.empty();
        }
        boolean exact = targets instanceof Targets.Names names && names.isExact(path);
        return targets.match(path).filter(_ -> exact || layers.contains(path));
    }

    /// Whether the weight at `path` (`classifier.dense.weight`) belongs to a module to save. As in PEFT, a module is
    /// meant if its path ends with the given name, with or without a dot before it.
    public boolean savesWeight(String path) {
        for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            String module = path.substring(0, dot);
            if (modulesToSave.stream().anyMatch(module::endsWith)) {
                return true;
            }
        }
        return false;
    }

    /// Whether the embedding table at `path` gets an update. `all-linear` means no table.
    ///
    /// @throws IllegalArgumentException if only some columns of it are meant
    public boolean updatesTable(String path) {
        if (targets instanceof Targets.AllLinear) {
            return false;
        }
        Optional<Columns> columns = columnsFor(path);
        if (columns.isPresent() && !columns.get().isAll()) {
            throw new IllegalArgumentException(("'%s' is an embedding table, which is updated as a whole, not by "
                    + "columns %s").formatted(path, columns.get()));
        }
        return columns.isPresent();
    }

    /// Whether the weight at `path` is one of the base's biases that are trained.
    public boolean trainsBias(String path) {
        return path.endsWith(".bias") && switch (bias) {
            case NONE -> false;
            case LORA_ONLY -> columnsFor(path.substring(0, path.lastIndexOf('.'))).isPresent();
            case ALL -> true;
        };
    }

    /// This configuration with other ranks and alphas: what most modules have becomes the common one, the others get a
    /// pattern of their full path.
    public LoraConfig withModules(Map<String, Integer> ranks, Map<String, Double> alphas) {
        int commonRank = mostOften(ranks);
        double commonAlpha = mostOften(alphas);
        Map<String, Integer> otherRanks = new TreeMap<>(ranks);
        otherRanks.values().removeIf(value -> value == commonRank);
        Map<String, Double> otherAlphas = new TreeMap<>(alphas);
        otherAlphas.values().removeIf(value -> value == commonAlpha);
        return toBuilder()
                .rank(commonRank).alpha(commonAlpha).rankPattern(otherRanks).alphaPattern(otherAlphas).build();
    }

    /// The value that most keys have; the first such by key.
    private static <T> T mostOften(Map<String, T> values) {
        Map<T, Integer> counts = new LinkedHashMap<>();
        new TreeMap<>(values).values().forEach(value -> counts.merge(value, 1, Integer::sum));
        int most = Collections.max(counts.values());
        return counts.keySet().stream().filter(value -> counts.get(value) == most).findFirst().orElseThrow();
    }

    private boolean isInsideSavedModule(String path) {
        return modulesToSave.stream()
                .anyMatch(name -> ("." + path + ".").contains("." + name + "."));
    }

    private static <T> Optional<T> lookUp(Map<String, T> patterns, String path) {
        return patterns.entrySet().stream()
                .filter(entry -> compiled(entry.getKey()).matcher(path).lookingAt())
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static Pattern compiled(String key) {
        try {
            return Pattern.compile("(.*\\.)?(" + key + ")$");
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "pattern '%s' is not a regular expression: %s".formatted(key, e.getDescription()), e);
        }
    }

    private static void checkRank(String what, int rank) {
        if (rank < 1) {
            throw new IllegalArgumentException("%s must be at least 1, was %d".formatted(what, rank));
        }
    }

    private static void checkAlpha(String what, double alpha) {
        if (!Double.isFinite(alpha) || alpha == 0) {
            throw new IllegalArgumentException("%s must be a number other than 0, was %s".formatted(what, alpha));
        }
    }
}
