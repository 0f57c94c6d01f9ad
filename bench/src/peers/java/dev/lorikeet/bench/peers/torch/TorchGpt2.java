package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// GPT-2 with its tied head in libtorch's operators, on rectangular batches.
final class TorchGpt2 implements AutoCloseable {
    private static final long MEAN = 1;
    private static final long IGNORED = -100;

    private final Tensor wte;
    private final Tensor wpe;
    private final List<TorchBlock> blocks = new ArrayList<>();
    private final TorchNorm lnF;

    /// @param loras one adapter for each block, or an empty list
    TorchGpt2(Gpt2Config config, TorchWeights weights, List<TorchLora> loras) {
        requireSupported(config);
        wte = weights.get("transformer.wte.weight");
        wpe = weights.get("transformer.wpe.weight");
        for (int i = 0; i < config.nLayer(); i++) {
            blocks.add(new TorchBlock(config, weights, "transformer.h." + i, loras.isEmpty() ? null : loras.get(i)));
        }
        lnF = new TorchNorm(weights, "transformer.ln_f", config);
    }

    private static void requireSupported(Gpt2Config config) {
        if (!config.tieWordEmbeddings() || !config.scaleAttnWeights() || config.scaleByLayer()
                || config.activation() != UnaryFunction.GELU_TANH) {
            throw new IllegalArgumentException("the peer has GPT-2 as published: tied head, scores divided by √D,"
                    + " tanh GELU; this configuration is " + config);
        }
    }

    /// Mean cross-entropy over the labelled rows.
    ///
    /// @param ids    `(B, T)`
    /// @param labels `(B·T)`: the token that each row shall predict, or −100
    /// @return a scalar; the caller closes it
    Tensor loss(Tensor ids, Tensor labels) {
        Tensor hidden = hidden(ids);
        try (PointerScope _ = new PointerScope()) {
            Tensor logits = lnF.forward(hidden).mm(wte.t());                                       // (N, V)
            hidden.close();
            Tensor loss = torch.cross_entropy_loss(logits, labels, new TensorOptional(), MEAN, IGNORED, 0);
            loss.retainReference();
            return loss;
        }
    }

    private Tensor hidden(Tensor ids) {
        Tensor x;
        try (PointerScope _ = new PointerScope()) {
            Tensor tokens = torch.embedding(wte, ids);                                             // (B, T, C)
            x = tokens.add_(wpe.narrow(0, 0, ids.size(1))).view(-1, wte.size(1));                  // (N, C)
            x.retainReference();
        }
        for (TorchBlock block : blocks) {
            Tensor y = block.forward(x, ids.size(0));
            x.close();
            x = y;
        }
        return x;
    }

    @Override
    public void close() {
        blocks.forEach(TorchBlock::close);
        lnF.close();
    }
}
