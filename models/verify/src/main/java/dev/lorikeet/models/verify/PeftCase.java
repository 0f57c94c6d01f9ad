package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.tensor.Pool;

/// Kinds `gpt2-peft`, `roberta-peft`: a PEFT adapter on a model. Forward, gradients, training, merging, and the
/// adapter's files, read and written again.
final class PeftCase implements CaseKind {
    @Override
    public void replay(GoldenCase golden, Pool pool) {
        PeftFiles files = new PeftFiles(golden);
        StoredAdapter stored = files.open();
        try (BaseModel base = BaseModel.open(pool.backend(), golden.manifest().base());
                LoraAdapter adapter = LoraAdapter.trainable("default", stored, base.store())) {
            AdapterChecks checks = new AdapterChecks(golden, pool, base, stored, adapter, PeftFormat::trainables);
            files.check(adapter.snapshot());
            modules(golden, adapter);
            checks.check();
        }
    }

    /// What the manifest says about ranks and scales.
    private static void modules(GoldenCase golden, LoraAdapter adapter) {
        JsonNode modules = golden.manifest().get("lora_modules");
        for (LoraDelta delta : adapter.deltas()) {
            JsonNode module = modules.path(delta.path());
            if (module.isObject()) {
                golden.checkNumbers(
                        "lora_modules/" + delta.path(),
                        new double[] {
                            module.path("r").doubleValue(), module.path("lora_alpha").doubleValue(),
                            module.path("scaling").doubleValue()
                        },
                        new double[] {delta.rank(), adapter.config().alphaFor(delta.path()), delta.scale()}, 1e-12);
            }
        }
        if (modules.isObject()) {
            golden.fact("lora_modules", modules.size() == adapter.deltas().size(), "%d expected, %d adapted".formatted(
                    modules.size(), adapter.deltas().size()));
        }
    }
}
