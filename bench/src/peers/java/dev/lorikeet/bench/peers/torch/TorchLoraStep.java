package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.WeightStore;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
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
        TensorVector parameters = new TensorVector(
                loras.stream().flatMap(lora -> lora.parameters().stream()).toArray(Tensor[]::new));
        AdamWOptions options = new AdamWOptions(lr);
        options.weight_decay().put(weightDecay);
        optimizer = new AdamW(parameters, options);
    }

    /// One optimizer step.
    ///
    /// @return the loss before it
    public double step(TorchBatch batch) {
        try (PointerScope _ = new PointerScope()) {
            optimizer.zero_grad();
            Tensor loss = model.loss(batch.ids(), batch.labels());
            loss.backward();
            optimizer.step();
            double value = loss.item_float();
            loss.close();
            return value;
        }
    }

    @Override
    public void close() {
        optimizer.close();
        loras.forEach(TorchLora::close);
        weights.close();
    }
}
