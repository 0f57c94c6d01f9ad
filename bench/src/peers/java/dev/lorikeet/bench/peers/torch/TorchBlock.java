package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.gpt2.Gpt2Config;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// One pre-norm block with libtorch's operators: `x ← x + attn(ln_1(x))`, `x ← x + mlp(ln_2(x))`.
///
/// Products are `addmm(bias, x, W)` with W stored `(in, out)` as in the checkpoint; the residual is added in place to
/// the product's own output, which nothing has saved.
final class TorchBlock implements AutoCloseable {
    private final Gpt2Config config;
    private final TorchNorm ln1;
    private final TorchNorm ln2;
    private final Tensor attnWeight;
    private final Tensor attnBias;
    private final Tensor projWeight;
    private final Tensor projBias;
    private final Tensor fcWeight;
    private final Tensor fcBias;
    private final Tensor fcProjWeight;
    private final Tensor fcProjBias;
    private final TorchLora lora;

    /// @param at   the block's path in the checkpoint: `transformer.h.0`
    /// @param lora its adapter, or null
    TorchBlock(Gpt2Config config, TorchWeights weights, String at, TorchLora lora) {
        this.config = config;
        this.lora = lora;
        ln1 = new TorchNorm(weights, at + ".ln_1", config);
        ln2 = new TorchNorm(weights, at + ".ln_2", config);
        attnWeight = weights.get(at + ".attn.c_attn.weight");
        attnBias = weights.get(at + ".attn.c_attn.bias");
        projWeight = weights.get(at + ".attn.c_proj.weight");
        projBias = weights.get(at + ".attn.c_proj.bias");
        fcWeight = weights.get(at + ".mlp.c_fc.weight");
        fcBias = weights.get(at + ".mlp.c_fc.bias");
        fcProjWeight = weights.get(at + ".mlp.c_proj.weight");
        fcProjBias = weights.get(at + ".mlp.c_proj.bias");
    }

    /// @param x     `(N, C)`, N = sequences · length
    /// @param batch number of sequences
    /// @return `(N, C)`; the caller closes it
    Tensor forward(Tensor x, long batch) {
        try (PointerScope _ = new PointerScope()) {
            Tensor h = torch.addmm(projBias, attention(ln1.forward(x), batch), projWeight);            // (N, C)
            h.add_(x);
            Tensor wide = torch.addmm(fcBias, ln2.forward(h), fcWeight);                               // (N, 4C)
            Tensor y = torch.addmm(fcProjBias, torch.gelu(wide, "tanh"), fcProjWeight);                // (N, C)
            y.add_(h);      // what add_ returns does not own the tensor: the product's own handle is the one to keep
            y.retainReference();
            return y;
        }
    }

    private Tensor attention(Tensor x, long batch) {
        TensorVector fused = torch.addmm(attnBias, x, attnWeight).split(config.nEmbd(), 1);            // 3 x (N, C)
        Tensor[] qkv = lora == null
                ? new Tensor[] {fused.get(0), fused.get(1), fused.get(2)}
                : lora.adapt(x, fused);
        Tensor attended = torch.scaled_dot_product_attention(
                heads(qkv[0], batch), heads(qkv[1], batch), heads(qkv[2], batch),
                new TensorOptional(), 0, true, new DoubleOptional(), false);                           // (B, H, T, D)
        return attended.transpose(1, 2).reshape(-1, config.nEmbd());                                   // (N, C)
    }

    private Tensor heads(Tensor x, long batch) {
        return x.view(batch, -1, config.nHead(), config.nEmbd() / config.nHead()).transpose(1, 2);     // (B, H, T, D)
    }

    @Override
    public void close() {
        ln1.close();
        ln2.close();
    }
}
