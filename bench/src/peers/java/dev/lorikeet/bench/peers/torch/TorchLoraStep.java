package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.WeightStore;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/// LoRA training steps with libtorch: eager forward, autograd, `torch::optim::AdamW`.
public final class TorchLoraStep implements AutoCloseable {
    private final TorchWeights weights;
    private final List<TorchLora> loras;
    private final TorchGpt2 model;
    private final AdamW optimizer;

    /// Copies the frozen weights and the adapter as they are now.
    public TorchLoraStep(Gpt2Config config, WeightStore store, LoraAdapter adapter, double lr, double weightDecay) {
        weights = TorchWeights.copyOf(store);
        loras = adapter.deltas().stream().map(delta -> TorchLora.copyOf(store.backend(), delta)).toList();
        model = new TorchGpt2(config, weights, loras);
        Tensor[] trained = loras.stream().flatMap(lora -> lora.parameters().stream()).toArray(Tensor[]::new);
        try (var parameters = new TensorVector(trained); var options = new AdamWOptions(lr)) {
            options.weight_decay().put(weightDecay);
            optimizer = new AdamW(parameters, options);
        }
    }

    /// One optimizer step.
    ///
    /// @return the loss before it
    public double step(TorchBatch batch) {
        try (PointerScope _ = new PointerScope()) {
            optimizer.zero_grad();
            try (Tensor loss = model.loss(batch.ids(), batch.labels())) {
                loss.backward();
                optimizer.step();
                return loss.item_float();
            }
        }
    }

    /// The loss without anything saved for a backward pass.
    public double loss(TorchBatch batch) {
        try (var _ = new NoGradGuard(); Tensor loss = model.loss(batch.ids(), batch.labels())) {
            return loss.item_float();
        }
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
        loras.forEach(TorchLora::close);
        weights.close();
    }
}
