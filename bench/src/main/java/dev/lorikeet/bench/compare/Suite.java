package dev.lorikeet.bench.compare;

import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/// A named list of comparisons: a service listed in `META-INF/services/dev.lorikeet.bench.compare.Suite`. Suites that
/// need peers live in `src/peers` and exist only where they were built.
public interface Suite {
    /// One word, such as `gemm`.
    String name();

    /// One line that says what is compared and why it matters.
    String about();

    /// What is compared, in the order in which tables show it. Must be cheap: contenders are created later.
    List<Comparison> comparisons();

    /// All suites of the class path, by name.
    static List<Suite> all() {
        return ServiceLoader.load(Suite.class).stream()
                .map(Provider::get)
                .sorted(java.util.Comparator.comparing(Suite::name))
                .toList();
    }
}
