package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.bench.steps.MeasuredStep;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What a peer needs to make the very same steps: configuration, frozen weights, fresh adapters, batches, in files.
final class PyTorchFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PyTorchFiles() {}

    /// Writes them into `folder`, from a step that has not been made yet, and whose backend will be closed.
    static void write(Path folder, Workload workload, MeasuredStep fresh) throws IOException {
        List<TensorSource> frozen = fresh.store().all().stream()
                .map((Frozen weight) -> TensorSource.of(
                        weight.name(), rows(fresh.store().backend(), weight.value()), fresh.store().backend()))
                .toList();
        SafetensorsWriter.write(folder.resolve("model.safetensors"), frozen, SafetensorsWriter.PT);
        boolean classifies = workload.batches().getFirst() instanceof LabelledBatch;
        StoredAdapter.About about = new StoredAdapter.About(
                "random weights", classifies ? "SEQ_CLS" : "CAUSAL_LM", !classifies);
        PeftFormat.write(folder.resolve("adapter"), fresh.adapter().snapshot(about, fresh.adapter().trainables()));
        ObjectNode setting = JSON.createObjectNode()
                .put("rank", workload.rank())
                .put("alpha", workload.alpha())
                .put("lr", workload.learningRate())
                .put("weight_decay", workload.weightDecay())
                .put("trained", fresh.adapter().trainables().stream().mapToLong(each -> each.value().size()).sum());
        setting.set("config", workload.config());
        workload.targets().forEach(setting.putArray("targets")::add);
        ArrayNode batches = setting.putArray("batches");
        for (Batch<?> batch : workload.batches()) {
            write(batches.addObject(), batch);
        }
        JSON.writeValue(folder.resolve("setting.json").toFile(), setting);
    }

    /// A copy that lies in rows: what is multiplied with may have been packed.
    private static Tensor rows(Backend backend, Tensor weight) {
        Tensor copy = backend.allocate(weight.dtype(), weight.shape());
        backend.kernels().copy(copy, weight);
        return copy;
    }

    private static void write(ObjectNode json, Batch<?> batch) {
        TokenBatch text = batch instanceof LabelledBatch labelled ? labelled.text() : (TokenBatch) batch;
        int[] labels = new int[text.ids().length];
        Arrays.fill(labels, TokenBatch.IGNORED);
        for (int i = 0; i < text.rows().length; i++) {
            labels[text.rows()[i] + 1] = text.targets()[i];      // row t predicts the token behind it
        }
        ArrayNode ids = json.putArray("ids");
        ArrayNode marks = json.putArray("labels");
        for (int s = 0; s < text.sequences().count(); s++) {
            int from = text.sequences().start(s);
            int to = from + text.sequences().length(s);
            numbers(ids.addArray(), text.ids(), from, to);
            if (batch instanceof LabelledBatch labelled) {
                marks.add((int) labelled.labels()[s]);
            } else {
                numbers(marks.addArray(), labels, from, to);
            }
        }
    }

    private static void numbers(ArrayNode array, int[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            array.add(values[i]);
        }
    }

    /// Deletes what [#write] has written.
    static void delete(Path folder) throws IOException {
        for (String name : List.of("adapter", "")) {
            Path directory = folder.resolve(name);
            if (Files.isDirectory(directory)) {
                try (var files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(directory);
            }
        }
    }
}
