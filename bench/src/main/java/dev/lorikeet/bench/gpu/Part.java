package dev.lorikeet.bench.gpu;

import java.util.List;

/// One part of the suite: a process of its own, so that a device that it leaves unusable, or a crash, stops nothing
/// else.
///
/// @param name    such as `step/gpt2-8x512`
/// @param about   what it finds out, in one clause
/// @param command what is started; its rows are read from its output, see [Rows]
/// @param seconds after which it is stopped
record Part(String name, String about, List<String> command, int seconds) {
    Part {
        command = List.copyOf(command);
    }
}
