package dev.lorikeet.lora;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Which projections are meant, by their paths in the model; the rules are PEFT's (`check_target_module_exists` in
/// `peft/tuners/tuners_utils.py`), plus column slices.
public sealed interface Targets {
    /// The columns that are meant of the projection at `path`, or empty if it is not meant at all.
    Optional<Columns> match(String path);

    /// The parts of this choice that mean none of `paths`: typing errors.
    List<String> unmatched(Collection<String> paths);

    /// A list of names; the first that fits decides.
    ///
    /// @param names in the order given
    record Names(List<Name> names) implements Targets {
        public Names {
            names = List.copyOf(names);
        }

        @Override
        public Optional<Columns> match(String path) {
            return names.stream().filter(name -> name.fits(path)).findFirst().map(Name::columns);
        }

        @Override
        public List<String> unmatched(Collection<String> paths) {
            return names.stream()
                    .filter(name -> paths.stream().noneMatch(name::fits))
                    .map(Name::toString)
                    .toList();
        }

        /// Whether a name is the whole of `path` and not just its end.
        boolean isExact(String path) {
            return names.stream().anyMatch(name -> name.key().equals(path));
        }

        @Override
        public String toString() {
            return String.join(",", names.stream().map(Name::toString).toList());
        }
    }

    /// A projection's path or the end of one, from a dot on: `c_proj` means `attn.c_proj` and `mlp.c_proj`.
    ///
    /// @param key     the path or its end
    /// @param columns which of the projection's columns
    record Name(String key, Columns columns) {
        public Name {
            if (key.isBlank() || key.contains("[") || key.contains(",")) {
                throw new IllegalArgumentException("'%s' is not the name of a projection".formatted(key));
            }
        }

        boolean fits(String path) {
            return path.equals(key) || path.endsWith("." + key);
        }

        @Override
        public String toString() {
            return key + columns;
        }
    }

    /// A regular expression for the whole path.
    ///
    /// @param pattern in the syntax of [Pattern]
    record Regex(String pattern) implements Targets {
        public Regex {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "'%s' is not a regular expression: %s".formatted(pattern, e.getDescription()), e);
            }
        }

        @Override
        public Optional<Columns> match(String path) {
            return path.matches(pattern) ? Optional.of(Columns.all()) : Optional.empty();
        }

        @Override
        public List<String> unmatched(Collection<String> paths) {
            return paths.stream().anyMatch(path -> path.matches(pattern)) ? List.of() : List.of(toString());
        }

        @Override
        public String toString() {
            return "regex:" + pattern;
        }
    }

    /// Every projection but the output head.
    record AllLinear() implements Targets {
        private static final Set<String> HEADS =
                Set.of("lm_head", "lm_head.decoder", "classifier", "score", "embed_out");

        @Override
        public Optional<Columns> match(String path) {
            boolean head = HEADS.contains(path) || path.startsWith("classifier.");
            return head ? Optional.empty() : Optional.of(Columns.all());
        }

        @Override
        public List<String> unmatched(Collection<String> paths) {
            return paths.stream().anyMatch(path -> match(path).isPresent()) ? List.of() : List.of(toString());
        }

        @Override
        public String toString() {
            return "all-linear";
        }
    }

    /// No projection.
    static Targets none() {
        return new Names(List.of());
    }

    /// Whole projections by name.
    static Targets names(Collection<String> keys) {
        return new Names(keys.stream().map(key -> new Name(key, Columns.all())).toList());
    }

    /// These names by their last components where that means the same columns everywhere, otherwise as they are.
    static Names shortest(Collection<Name> names) {
        Map<String, Columns> byEnd = new TreeMap<>();
        for (Name name : names) {
            String end = name.key().substring(name.key().lastIndexOf('.') + 1);
            if (!byEnd.computeIfAbsent(end, _ -> name.columns()).equals(name.columns())) {
                return new Names(List.copyOf(names));
            }
        }
        return new Names(byEnd.entrySet().stream().map(entry -> new Name(entry.getKey(), entry.getValue())).toList());
    }

    /// What a person writes on a command line: `c_attn,c_proj`, `c_attn[q,v]`, `c_attn[0:64]`, `all-linear` or
    /// `regex:.*\.c_(attn|proj)`.
    ///
    /// @throws IllegalArgumentException saying what is wrong with `text`
    static Targets parse(String text) {
        if (text.equals("all-linear")) {
            return new AllLinear();
        }
        if (text.startsWith("regex:")) {
            return new Regex(text.substring("regex:".length()));
        }
        List<Name> names = new ArrayList<>();
        for (String item : text.split(",(?![^\\[]*\\])", -1)) {     // commas outside brackets
            names.add(parseName(item.strip()));
        }
        return new Names(names);
    }

    private static Name parseName(String item) {
        int bracket = item.indexOf('[');
        if (bracket < 0) {
            return new Name(item, Columns.all());
        }
        if (!item.endsWith("]")) {
            throw new IllegalArgumentException("'%s': the bracket is not closed".formatted(item));
        }
        return new Name(item.substring(0, bracket), Columns.parse(item.substring(bracket + 1, item.length() - 1)));
    }
}
