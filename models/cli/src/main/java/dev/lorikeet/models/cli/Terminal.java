package dev.lorikeet.models.cli;

import java.io.Console;

/// What the process is connected to.
final class Terminal {
    private Terminal() {}

    /// Whether a person is watching: standard output is a terminal that can move its cursor.
    static boolean isInteractive() {
        Console console = System.console();
        String term = System.getenv("TERM");
        return console != null && console.isTerminal() && term != null && !term.equals("dumb");
    }
}
