package dev.lorikeet.models.verify;

import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.CaseReport;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.models.verify.ops.OpsCase;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Replays golden cases on one device.
public final class Verifier {
    private static final Map<String, CaseKind> KINDS = new TreeMap<>(Map.of(
            "ops", new OpsCase(),
            "optim", new OptimCase(),
            "positions", new PositionsCase(),
            "formats", new FormatsCase(),
            "loralib-layers", new LoralibLayersCase()));

    /// Families of models of which there are cases.
    private static final List<String> FAMILIES = List.of("gpt2", "roberta");

    static {
        FAMILIES.forEach(family -> KINDS.putAll(Map.of(
                family + "-base", new BaseCase(),
                family + "-peft", new PeftCase(),
                family + "-loralib", new LoralibCase())));
    }

    private final Backend backend;

    public Verifier(Backend backend) {
        this.backend = backend;
    }

    /// Replays the case in `directory`.
    ///
    /// @throws CaseException                          if it is not a case, or lacks something its kind needs
    /// @throws dev.lorikeet.tensor.io.FormatException if a file of it is damaged
    public CaseReport verify(Path directory) {
        try (GoldenCase golden = new GoldenCase(Manifest.read(directory)); Pool pool = new Pool(backend)) {
            String kind = golden.manifest().kind();
            CaseKind replayed = KINDS.get(kind);
            if (replayed == null) {
                golden.abandon("cases of kind %s cannot be replayed yet; known kinds: %s".formatted(
                        kind, String.join(", ", KINDS.keySet())));
            } else {
                replay(replayed, golden, pool);
            }
            return golden.finish();
        }
    }

    private static void replay(CaseKind kind, GoldenCase golden, Pool pool) {
        try {
            kind.replay(golden, pool);
        } catch (NotReplayed missing) {
            golden.abandon(missing.getMessage());
        }
    }
}
