package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Suite;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Comparisons chosen by patterns: a suite's name means all of it, `gemm/*768*` those whose name fits, `*` standing for
/// any characters.
///
/// @param suite      where it comes from
/// @param comparison what to measure
record Selection(Suite suite, Comparison comparison) {
    /// The comparisons of `suites` that fit one of `patterns`, or all if there are none.
    ///
    /// @throws IllegalArgumentException if a pattern fits nothing
    static List<Selection> of(List<Suite> suites, List<String> patterns) {
        List<Selection> all = new ArrayList<>();
        suites.forEach(suite -> suite.comparisons().forEach(one -> all.add(new Selection(suite, one))));
        if (patterns.isEmpty()) {
            return all;
        }
        List<Pattern> wanted = patterns.stream().map(Selection::pattern).toList();
        for (int i = 0; i < wanted.size(); i++) {
            Pattern pattern = wanted.get(i);
            if (all.stream().noneMatch(one -> one.fits(pattern))) {
                throw new IllegalArgumentException("nothing to compare is called '%s'; suites here: %s".formatted(
                        patterns.get(i), suites.stream().map(Suite::name).collect(Collectors.joining(", "))));
            }
        }
        return all.stream().filter(one -> wanted.stream().anyMatch(one::fits)).toList();
    }

    private boolean fits(Pattern pattern) {
        return pattern.matcher(suite.name()).matches()
                || pattern.matcher(suite.name() + "/" + comparison.name()).matches();
    }

    private static Pattern pattern(String glob) {
        return Pattern.compile(("\\Q" + glob + "\\E").replace("*", "\\E.*\\Q"));
    }
}
