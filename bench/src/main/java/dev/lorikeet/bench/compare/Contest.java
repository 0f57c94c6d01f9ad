package dev.lorikeet.bench.compare;

import java.util.List;

/// The contenders of a comparison, ready to start, and what they share.
///
/// @param contenders who alternates; ratios are taken to the first one, which is ours
/// @param shared     closed after the contenders, last one first: input memory, a backend
public record Contest(List<Contender> contenders, List<AutoCloseable> shared) implements AutoCloseable {
    public Contest {
        contenders = List.copyOf(contenders);
        shared = List.copyOf(shared);
        if (contenders.isEmpty()) {
            throw new IllegalArgumentException("a contest needs at least one contender");
        }
    }

    /// Contenders that share nothing.
    public static Contest of(Contender... contenders) {
        return new Contest(List.of(contenders), List.of());
    }

    @Override
    public void close() {
        contenders.forEach(Contender::close);
        for (AutoCloseable resource : shared.reversed()) {
            try {
                resource.close();
            } catch (RuntimeException failure) {
                throw failure;
            } catch (Exception failure) {
                throw new IllegalStateException("could not close " + resource, failure);
            }
        }
    }
}
