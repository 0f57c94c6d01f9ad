package dev.lorikeet.bench.compare;

/// One of those who do the same work in a [Comparison]. Created with its inputs ready, so that [#run] is only the work.
public interface Contender extends AutoCloseable {
    /// Who does it: `lorikeet`, `libtorch`, `MKL`.
    String name();

    /// Does the work once.
    ///
    /// @return a loss or some element of the result, which must agree with what the other contenders return
    double run();

    /// Gives back what only this contender holds.
    @Override
    default void close() {}

    /// A contender that is only a name and its work.
    static Contender of(String name, java.util.function.DoubleSupplier work) {
        return new Contender() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public double run() {
                return work.getAsDouble();
            }
        };
    }
}
