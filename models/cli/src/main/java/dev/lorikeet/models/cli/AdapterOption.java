package dev.lorikeet.models.cli;

import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.base.Attached;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.hub.ModelPath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// `--adapter`, and what a loralib checkpoint does not say itself.
final class AdapterOption {
    @Option(names = "--adapter", paramLabel = "PATH",
            description = "Adapter: a PEFT directory, the name of one that lorikeet pull has fetched, or a loralib "
                    + "checkpoint; may be given several times, their updates add up.")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--adapter-alpha", paramLabel = "ALPHA",
            description = "lora_alpha of a loralib checkpoint, which does not store it.")
    private Double alpha;

    @Option(names = "--adapter-targets", paramLabel = "LIST",
            description = "Which columns a loralib checkpoint updates. Default: c_attn[q,v] for two groups.")
    private String targets;

    boolean isGiven() {
        return !paths.isEmpty();
    }

    LoralibOptions loralib() {
        return new LoralibOptions(alpha, targets == null ? null : Targets.parse(targets), List.of());
    }

    /// What the named files hold.
    List<Attached.Named> read() {
        return paths.stream()
                .map(path -> new Attached.Named(
                        path.toString(), AdapterFiles.open(ModelPath.resolve(path), loralib())))
                .toList();
    }

    /// The base with the adapters that were named, frozen; the plain base if there are none.
    <M> Attached<M> attach(BaseModel base, Architecture<? extends M> architecture) {
        return Attached.of(base, architecture, read());
    }
}
