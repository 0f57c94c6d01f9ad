package dev.lorikeet.bench.gpu;

import java.util.List;

/// One part of the suite: a process of its own, so that a device that it leaves unusable, or a crash, stops nothing
/// else.
///
/// @param name    such as `step/gpt2-8x512`
/// @param about   what it finds out, in one clause
/// @param command what is started; its rows are read from its output, see [Rows]
/// @param seconds after which it is stopped
/// @param excuses what a tool says that cannot work on this machine: the part is skipped then, not failed
record Part(String name, String about, List<String> command, int seconds, List<String> excuses) {
    Part {
        command = List.copyOf(command);
        excuses = List.copyOf(excuses);
    }

    /// A part without excuses.
    Part(String name, String about, List<String> command, int seconds) {
        this(name, about, command, seconds, List.of());
    }
}
