package dev.lorikeet.cuda;

import java.util.List;

/// What is compiled at once: a `.cu` source, perhaps for some values that it leaves open.
///
/// @param source      the file, without its ending
/// @param definitions `NAME=value` for each name that the source leaves open
record Unit(String source, List<String> definitions) {
    Unit {
        definitions = List.copyOf(definitions);
    }

    /// A source that leaves nothing open.
    static Unit of(String source) {
        return new Unit(source, List.of());
    }

    /// Good for the name of a file.
    String name() {
        StringBuilder name = new StringBuilder(source);
        definitions.forEach(definition -> name.append('-').append(definition.replace('=', '-')));
        return name.toString();
    }
}
