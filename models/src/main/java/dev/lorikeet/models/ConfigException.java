package dev.lorikeet.models;

import java.nio.file.Path;

/// A model directory whose `config.json` cannot be used. The message names the file, what is wrong and what to do.
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(Path file, String problem, String remedy) {
        super("%s: %s; %s".formatted(file, problem, remedy));
    }
}
