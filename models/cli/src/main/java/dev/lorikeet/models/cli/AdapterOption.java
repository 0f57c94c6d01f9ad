package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.BaseModel;
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

    /// A model with its adapters; closing it frees them.
    record Attached<M>(AdaptedModel<M> adapted, List<LoraAdapter> adapters) implements AutoCloseable {
        M model() {
            return adapted.model();
        }

        @Override
        public void close() {
            adapters.forEach(LoraAdapter::close);
        }
    }

    boolean isGiven() {
        return !paths.isEmpty();
    }

    LoralibOptions loralib() {
        return new LoralibOptions(alpha, targets == null ? null : Targets.parse(targets), List.of());
    }

    /// What the named files hold.
    List<StoredAdapter> read() {
        return paths.stream().map(path -> AdapterFiles.open(ModelPath.resolve(path), loralib())).toList();
    }

    /// The base with the adapters that were named, frozen; the plain base if there are none.
    <M> Attached<M> attach(BaseModel base, Architecture<M> architecture) {
        List<StoredAdapter> stored = read();
        List<LoraAdapter> adapters = new ArrayList<>();
        for (int i = 0; i < stored.size(); i++) {
            adapters.add(LoraAdapter.frozen(paths.get(i).toString(), stored.get(i), base.store()));
        }
        return new Attached<>(base.adapted(architecture, adapters), adapters);
    }
}
