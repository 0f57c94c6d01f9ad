package dev.lorikeet.models.data;

import java.util.List;

/// An immutable sequence of examples, made when asked for or held in memory.
public interface Examples extends Sized {
    /// Example `i`, always the same one.
    Example get(int i);

    /// Cheaper than `get(i).rows()` where examples are made on request.
    @Override
    default int rows(int i) {
        return get(i).rows();
    }

    /// Examples held in memory.
    ///
    /// @throws IllegalArgumentException if there is none
    static Examples of(List<Example> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("no example");
        }
        List<Example> copy = List.copyOf(examples);
        return new Examples() {
            @Override
            public int size() {
                return copy.size();
            }

            @Override
            public Example get(int i) {
                return copy.get(i);
            }
        };
    }
}
