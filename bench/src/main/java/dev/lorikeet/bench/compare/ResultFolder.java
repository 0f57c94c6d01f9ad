package dev.lorikeet.bench.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Results as JSON files, one per comparison: a new measurement replaces the old one of the same name.
public final class ResultFolder {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path folder;

    public ResultFolder(Path folder) {
        this.folder = folder;
    }

    /// Writes one result and returns its file.
    public Path write(Result result) throws IOException {
        String name = (result.suite() + "-" + result.comparison()).replaceAll("[^A-Za-z0-9.=_-]+", "_");
        Path file = folder.resolve(name + ".json");
        Files.createDirectories(folder);
        JSON.writeValue(file.toFile(), result);
        return file;
    }

    /// All results, in the order of their file names; none if there is no folder yet.
    public List<Result> read() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> sorted = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
            List<Result> results = new java.util.ArrayList<>();
            for (Path file : sorted) {
                results.add(JSON.readValue(file.toFile(), Result.class));
            }
            return results;
        }
    }
}
