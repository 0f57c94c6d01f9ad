package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.bench.steps.ClassifierStep;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.nn.WeightStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// LoRA training steps of a RoBERTa classifier with libtorch: eager forward, autograd, `torch::optim::AdamW`.
public final class TorchClassifierStep implements AutoCloseable {
    private static final long MEAN = 1;
    private static final long IGNORED = -100;

    private final RobertaConfig config;
    private final boolean firstRows;
    private final TorchWeights weights;
    private final Map<String, Tensor> head = new LinkedHashMap<>();
    private final TorchNorm embeddingNorm;
    private final List<TorchEncoderBlock> blocks = new ArrayList<>();
    private final AdamW optimizer;

    /// Copies the frozen weights and the adapter as they are now.
    ///
    /// @param firstRows whether the last block computes only what the head reads, as ours does; otherwise every row, as
    ///                  transformers does
    public TorchClassifierStep(
            RobertaConfig config, WeightStore store, LoraAdapter adapter, boolean firstRows) {
        this.config = config;
        this.firstRows = firstRows;
        weights = TorchWeights.copyOf(store);
        Map<String, LoraDelta> deltas = new LinkedHashMap<>();
        adapter.deltas().forEach(delta -> deltas.put(delta.path(), delta));
        for (Map.Entry<String, Weight> saved : adapter.saved().entrySet()) {
            head.put(saved.getKey(), TorchTensors.trainable(store.backend(), saved.getValue().value()));
        }
        embeddingNorm = new TorchNorm(
                weights, "roberta.embeddings.LayerNorm", config.hiddenSize(), config.layerNormEps());
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(new TorchEncoderBlock(config, weights, "roberta.encoder.layer." + i, path -> {
                Tensor weight = weights.get(path + ".weight");
                Tensor bias = weights.get(path + ".bias");
                return deltas.containsKey(path)
                        ? TorchLinear.adapted(weight, bias, store.backend(), deltas.get(path))
                        : TorchLinear.plain(weight, bias);
            }));
        }
        List<Tensor> trained = new ArrayList<>(head.values());
        blocks.forEach(block -> trained.addAll(block.parameters()));
        try (var parameters = new TensorVector(trained.toArray(Tensor[]::new));
                var options = new AdamWOptions(ClassifierStep.LEARNING_RATE)) {
            options.weight_decay().put(ClassifierStep.WEIGHT_DECAY);
            optimizer = new AdamW(parameters, options);
        }
    }

    /// One optimizer step.
    ///
    /// @return the loss before it
    public double step(TorchTexts texts) {
        try (PointerScope _ = new PointerScope()) {
            optimizer.zero_grad();
            try (Tensor loss = mean(texts)) {
                loss.backward();
                optimizer.step();
                return loss.item_float();
            }
        }
    }

    /// The loss without anything saved for a backward pass.
    public double loss(TorchTexts texts) {
        try (var _ = new NoGradGuard(); Tensor loss = mean(texts)) {
            return loss.item_float();
        }
    }

    private Tensor mean(TorchTexts texts) {
        Tensor first = first(texts);
        try (PointerScope _ = new PointerScope()) {
            Tensor h = linear("classifier.dense", first).tanh();
            first.close();
            Tensor loss = torch.cross_entropy_loss(
                    linear("classifier.out_proj", h), texts.labels(), new TensorOptional(), MEAN, IGNORED, 0);
            loss.retainReference();
            return loss;
        }
    }

    private Tensor linear(String path, Tensor x) {
        return torch.addmm(head.get(path + ".bias"), x, head.get(path + ".weight").t());
    }

    /// The last block's output for each text's first token, `(B, C)`.
    private Tensor first(TorchTexts texts) {
        Tensor x = embed(texts);
        for (int i = 0; i < blocks.size(); i++) {
            Tensor y = blocks.get(i).forward(x, texts, firstRows && i == blocks.size() - 1);
            x.close();
            x = y;
        }
        if (firstRows) {
            return x;
        }
        try (PointerScope _ = new PointerScope()) {
            Tensor first = x.view(texts.ids().size(0), -1, config.hiddenSize()).select(1, 0);
            first.retainReference();
            x.close();
            return first;
        }
    }

    private Tensor embed(TorchTexts texts) {
        try (PointerScope _ = new PointerScope()) {
            Tensor sum = torch.embedding(
                    weights.get("roberta.embeddings.word_embeddings.weight"), texts.ids());               // (B, T, C)
            sum.add_(torch.embedding(
                    weights.get("roberta.embeddings.position_embeddings.weight"), texts.positions()));
            sum.add_(weights.get("roberta.embeddings.token_type_embeddings.weight").select(0, 0));
            Tensor x = embeddingNorm.forward(sum.view(-1, config.hiddenSize()));                          // (N, C)
            x.retainReference();
            return x;
        }
    }

    @Override
    public void close() {
        optimizer.close();
        blocks.forEach(TorchEncoderBlock::close);
        embeddingNorm.close();
        head.values().forEach(Tensor::close);
        weights.close();
    }
}
