package dev.lorikeet.autograd;

import dev.lorikeet.tensor.RandomKey;
import java.util.Optional;

/// The random streams of one step, numbered in the order in which ops ask for them.
final class RandomStreams {
    private final RandomKey first;
    private long drawn;

    /// @param first null if nothing random is to happen
    RandomStreams(RandomKey first) {
        this.first = first;
    }

    Optional<RandomKey> peek() {
        return Optional.ofNullable(first).map(key -> key.withStream(key.stream() + drawn));
    }

    Optional<RandomKey> next() {
        Optional<RandomKey> next = peek();
        drawn++;
        return next;
    }
}
