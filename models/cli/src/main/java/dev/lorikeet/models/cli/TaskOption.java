package dev.lorikeet.models.cli;

import dev.lorikeet.models.task.Task;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads the value of `--task`.
final class TaskOption implements ITypeConverter<Task> {
    @Override
    public Task convert(String value) {
        return Task.named(value).orElseThrow(() -> new TypeConversionException(
                "'%s' is no task; there are %s".formatted(value, names())));
    }

    static String names() {
        return Task.all().stream().map(Task::title).collect(Collectors.joining(", "));
    }
}
