package dev.lorikeet.bench.process;

import java.util.Optional;

/// How a child process answers: with lines that begin with a mark. All other lines are its log.
///
/// @param mark what no line of a log begins with, with the space behind it
public record AnswerLines(String mark) {
    /// `answer`, of one line, as the child prints it.
    public String line(String answer) {
        return mark + answer;
    }

    /// The answer in a line that a child has printed; empty if it is a line of its log.
    public Optional<String> answer(String line) {
        return line.startsWith(mark) ? Optional.of(line.substring(mark.length())) : Optional.empty();
    }
}
