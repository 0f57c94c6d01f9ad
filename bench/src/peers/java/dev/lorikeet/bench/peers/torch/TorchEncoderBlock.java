package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.roberta.RobertaConfig;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// One post-norm block of RoBERTa with libtorch's operators: `h ← LN(x + dense(attn(x)))`, `y ← LN(h + mlp(h))`.
final class TorchEncoderBlock implements AutoCloseable {
    private final RobertaConfig config;
    private final TorchLinear query;
    private final TorchLinear key;
    private final TorchLinear value;
    private final TorchLinear attentionOutput;
    private final TorchNorm attentionNorm;
    private final TorchLinear intermediate;
    private final TorchLinear output;
    private final TorchNorm outputNorm;

    /// @param at     the block's path in the checkpoint: `roberta.encoder.layer.0`
    /// @param linear gives the projection at a path
    TorchEncoderBlock(
            RobertaConfig config, TorchWeights weights, String at, Function<String, TorchLinear> linear) {
        this.config = config;
        query = linear.apply(at + ".attention.self.query");
        key = linear.apply(at + ".attention.self.key");
        value = linear.apply(at + ".attention.self.value");
        attentionOutput = linear.apply(at + ".attention.output.dense");
        attentionNorm = norm(weights, at + ".attention.output.LayerNorm");
        intermediate = linear.apply(at + ".intermediate.dense");
        output = linear.apply(at + ".output.dense");
        outputNorm = norm(weights, at + ".output.LayerNorm");
    }

    private TorchNorm norm(TorchWeights weights, String at) {
        return new TorchNorm(weights, at, config.hiddenSize(), config.layerNormEps());
    }

    List<Tensor> parameters() {
        return Stream.of(query, key, value).flatMap(linear -> linear.parameters().stream()).toList();
    }

    /// @param x     `(N, C)`, N = texts · length
    /// @param texts what is in the rows
    /// @param first compute the result of each sequence's first row only
    /// @return `(N, C)`, or `(B, C)`; the caller closes it
    Tensor forward(Tensor x, TorchTexts texts, boolean first) {
        long batch = texts.ids().size(0);
        try (PointerScope _ = new PointerScope()) {
            Tensor asking = first ? x.view(batch, -1, config.hiddenSize()).select(1, 0) : x;           // (M, C)
            Tensor attended = attentionOutput.forward(attention(asking, x, batch, texts.mask()));
            attended.add_(asking);
            Tensor h = attentionNorm.forward(attended);
            Tensor mlp = output.forward(torch.gelu(intermediate.forward(h), "none"));
            mlp.add_(h);
            Tensor y = outputNorm.forward(mlp);
            y.retainReference();
            return y;
        }
    }

    private Tensor attention(Tensor asking, Tensor x, long batch, Tensor mask) {
        TensorOptional added = mask == null ? new TensorOptional() : new TensorOptional(mask);
        Tensor attended = torch.scaled_dot_product_attention(
                heads(query.forward(asking), batch), heads(key.forward(x), batch), heads(value.forward(x), batch),
                added, 0, false, new DoubleOptional(), false);                          // (B, H, M, D)
        return attended.transpose(1, 2).reshape(-1, config.hiddenSize());                              // (M, C)
    }

    private Tensor heads(Tensor x, long batch) {
        return x.view(batch, -1, config.heads(), config.hiddenSize() / config.heads()).transpose(1, 2);
    }

    @Override
    public void close() {
        Stream.of(query, key, value, attentionOutput, intermediate, output).forEach(TorchLinear::close);
        attentionNorm.close();
        outputNorm.close();
    }
}
