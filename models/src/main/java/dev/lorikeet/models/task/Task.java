package dev.lorikeet.models.task;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What a model is adapted to.
public sealed interface Task permits LanguageTask, GlueTask {
    /// The name on the command line.
    String title();

    /// All tasks.
    static List<Task> all() {
        return Stream.concat(Stream.of(LanguageTask.values()), Stream.of(GlueTask.values())).map(Task.class::cast)
                .toList();
    }

    /// The task of this name, in upper or lower case, with or without its hyphen.
    static Optional<Task> named(String name) {
        String plain = plain(name);
        return all().stream().filter(task -> plain(task.title()).equals(plain)).findFirst();
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
}
