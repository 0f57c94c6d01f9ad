package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.verify.golden.CaseException;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.GoldenFiles;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.io.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Kinds `gpt2-loralib`, `roberta-loralib`: the paper's own examples, with their checkpoints.
final class LoralibCase implements CaseKind {
    private static final String[] THIRDS = {"q", "k", "v"};

    @Override
    public void replay(GoldenCase golden, Pool pool) {
        List<String> checkpoints = golden.manifest().files().stream().filter(LoralibCase::isCheckpoint).toList();
        StoredAdapter stored = null;
        try (BaseModel base = BaseModel.open(pool.backend(), golden.manifest().base())) {
            base.model(base.config().architecture());
            for (String file : checkpoints) {
                StoredAdapter read = AdapterFiles.open(golden.directory().resolve(file), options(golden));
                numbers(golden, file, read);
                baseWeights(golden, file, base, read.saved().keySet());
                stored = read;
            }
            if (stored == null) {
                throw new CaseException(golden.manifest().file(), "lists no checkpoint (.pt, .bin)", "add it");
            }
            try (LoraAdapter adapter = LoraAdapter.trainable("default", stored, base.store())) {
                new AdapterChecks(golden, pool, base, stored, adapter, LoralibCase::trained).check();
            }
        }
    }

    private static Map<String, Trainable> trained(LoraAdapter adapter) {
        Map<String, Trainable> trained = new LinkedHashMap<>();
        for (LoraDelta delta : adapter.deltas()) {
            trained.put(delta.path() + ".lora_A", (Trainable) delta.a());
            trained.put(delta.path() + ".lora_B", (Trainable) delta.b());
        }
        adapter.saved().forEach((path, weight) -> trained.put(path, (Trainable) weight));
        return trained;
    }

    private static boolean isCheckpoint(String file) {
        return file.endsWith(".pt") || file.endsWith(".bin");
    }

    /// What the checkpoint does not say: alpha, and which of q, k and v are updated where they are fused.
    private static LoralibOptions options(GoldenCase golden) {
        double alpha = golden.manifest().require("lora_alpha").doubleValue();
        JsonNode enabled = golden.manifest().get("enable_lora");
        if (enabled.isMissingNode() || enabled.isNull()) {
            return LoralibOptions.alpha(alpha);
        }
        if (enabled.size() != THIRDS.length) {
            throw new NotReplayed("a fused projection of %d parts is not q, k and v".formatted(enabled.size()));
        }
        List<String> parts = IntStream.range(0, THIRDS.length)
                .filter(i -> enabled.get(i).booleanValue()).mapToObj(i -> THIRDS[i]).toList();
        return new LoralibOptions(
                alpha, Targets.parse("c_attn[" + String.join(",", parts) + "]"), List.of());
    }

    /// The safetensors file beside the checkpoints holds the same A and B.
    private static void numbers(GoldenCase golden, String file, StoredAdapter read) {
        read.deltas().forEach((path, delta) -> {
            same(golden, file, path + ".lora_A", delta.a());
            same(golden, file, path + ".lora_B", delta.b());
        });
        read.saved().forEach((path, tensor) -> same(golden, file, path, tensor));
        long listed = golden.manifest().tensors().keySet().stream()
                .filter(name -> name.endsWith(".lora_A") && !name.contains("/")).count();
        golden.fact(file + " updates", listed == read.deltas().size(), "%d expected, %d read".formatted(
                listed, read.deltas().size()));
        double scaling = golden.manifest().get("scaling").asDouble(Double.NaN);
        read.deltas().forEach((path, delta) -> golden.checkNumbers(
                file + " rank and scaling of " + path,
                new double[] {golden.manifest().get("r").doubleValue(), scaling},
                new double[] {delta.rank(), read.config().scaleFor(path)}, 1e-12));
    }

    private static void same(GoldenCase golden, String file, String tensor, StoredTensor read) {
        double[] values = new double[Math.toIntExact(read.shape().size())];
        Arrays.setAll(values, read::get);
        golden.check(tensor, file, read.shape(), values);
    }

    /// A checkpoint of the whole model holds the base's weights, too, but for those that were `trained`.
    private static void baseWeights(GoldenCase golden, String file, BaseModel base, Set<String> trained) {
        try (Checkpoint checkpoint = Checkpoint.open(golden.directory().resolve(file))) {
            List<String> different = new ArrayList<>();
            int compared = 0;
            List<Frozen> own = base.store().all().stream().filter(weight -> !trained.contains(weight.name())).toList();
            for (Frozen weight : own) {
                if (checkpoint.names().contains(weight.name())) {
                    compared++;
                    double[] stored = GoldenFiles.doubles(checkpoint, checkpoint.info(weight.name()));
                    if (!Arrays.equals(stored, HostValues.doubles(base.store().backend(), weight.value()))) {
                        different.add(weight.name());
                    }
                }
            }
            if (compared > 0) {
                golden.fact(file + " base weights", different.isEmpty() && compared == own.size(),
                        different.isEmpty() ? compared + " weights" : "others in " + different);
            }
        }
    }
}
