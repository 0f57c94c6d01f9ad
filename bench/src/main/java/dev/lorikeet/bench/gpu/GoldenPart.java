package dev.lorikeet.bench.gpu;

import dev.lorikeet.models.verify.Verifier;
import dev.lorikeet.models.verify.golden.CaseReport;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Replays every golden case on the device: logits, losses, gradients, updates, as the reference libraries computed
/// them.
final class GoldenPart implements Measurement {
    @Override
    public void run(PartSettings settings, String rest, Rows rows) throws IOException {
        List<Path> cases;
        try (Stream<Path> folders = Files.list(settings.fixtures())) {
            cases = folders.filter(folder -> Files.exists(folder.resolve("manifest.json"))).sorted().toList();
        }
        if (settings.size() == Size.TINY) {
            cases = cases.stream().filter(folder -> folder.endsWith("ops-norm")).toList();
        }
        try (Backend backend = Backends.open(settings.device())) {
            for (Path directory : cases) {
                replay(backend, directory, rows);
            }
        }
    }

    private static void replay(Backend backend, Path directory, Rows rows) {
        String name = directory.getFileName().toString();
        try {
            CaseReport report = new Verifier(backend).verify(directory);
            if (!report.passed()) {
                rows.note(report.table(false));
            }
            rows.add("case", name, "passed", report.passed(), "found", report.summary());
        } catch (RuntimeException e) {   // the device may be lost or the case unreadable: the others say which
            rows.note(e);
            rows.add("case", name, "passed", false, "found", e.toString());
        }
    }
}
