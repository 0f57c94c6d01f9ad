package dev.lorikeet.models.cli;

import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.base.EmbeddedBase;
import dev.lorikeet.models.hub.HubCache;
import dev.lorikeet.models.hub.ModelPath;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// `--base`.
final class BaseOption {
    @Option(
            names = "--base",
            paramLabel = "MODEL",
            description = "Directory of a Hugging Face model, GPT-2 or RoBERTa (config.json, weights, tokenizer), or "
                    + "the name of one that lorikeet pull has fetched (NAME or NAME@REVISION). "
                    + "Default: the small byte-level GPT-2 that comes with Lorikeet.")
    private Path base;

    /// The directory that the option names, in the cache if need be, or the embedded base's.
    Path directory() {
        return base == null ? EmbeddedBase.directory() : ModelPath.resolve(base);
    }

    BaseModel open(Backend backend) {
        return open(backend, BaseDType.STORED);
    }

    BaseModel open(Backend backend, BaseDType type) {
        return BaseModel.open(backend, directory(), DType.F32, type);
    }

    /// The name that a model was fetched by, or of its directory: what adapters call it.
    static String nameOf(BaseModel model) {
        return HubCache.nameOf(model.directory())
                .orElseGet(() -> model.directory().toAbsolutePath().getFileName().toString());
    }
}
