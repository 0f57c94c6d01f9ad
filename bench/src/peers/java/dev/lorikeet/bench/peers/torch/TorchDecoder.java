package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.gpt2.Gpt2Config;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Greedy generation of one sequence with libtorch: one pass over the prompt, then one token per pass with the keys and
/// values of those before it. Logits are computed for the last row only.
public final class TorchDecoder implements AutoCloseable {
    private final Tensor wte;
    private final Tensor wpe;
    private final Tensor head;
    private final TorchNorm lnF;
    private final List<TorchDecoderBlock> blocks = new ArrayList<>();
    private double firstLogit;

    /// Copies what it needs of `weights`.
    ///
    /// @param capacity the most tokens, prompt included
    TorchDecoder(Gpt2Config config, TorchWeights weights, TorchMatrix.Form form, int capacity) {
        torch.ScalarType type =
                form == TorchMatrix.Form.BF16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
        wte = weights.get("transformer.wte.weight").to(type);
        wpe = weights.get("transformer.wpe.weight").to(type);
        // (C, V) for MKL's matrix-vector product, which is a third slower on (V, C)
        head = form == TorchMatrix.Form.VECTOR ? TorchMatrix.transposed(wte) : wte.t();
        lnF = new TorchNorm(weights, "transformer.ln_f", config, form);
        for (int i = 0; i < config.nLayer(); i++) {
            blocks.add(new TorchDecoderBlock(config, weights, "transformer.h." + i, form, capacity));
        }
    }

    /// The prompt's continuation by the likeliest token each time.
    int[] generate(int[] prompt, int count) {
        int[] tokens = new int[count];
        try (var _ = new InferenceMode(true)) {
            int[] added = prompt;
            int past = 0;
            for (int i = 0; i < count; i++) {
                tokens[i] = next(added, past, i == 0);
                past += added.length;
                added = new int[] {tokens[i]};
            }
        }
        return tokens;
    }

    /// The largest logit behind the prompt, of the latest [#generate].
    double firstLogit() {
        return firstLogit;
    }

    private int next(int[] added, int past, boolean first) {
        try (PointerScope _ = new PointerScope()) {
            Tensor x = torch.embedding(wte, TorchTensors.longs(added, added.length));                // (N, C)
            x.add_(wpe.narrow(0, past, added.length));
            for (TorchDecoderBlock block : blocks) {
                Tensor y = block.forward(x, past);
                x.close();
                x = y;
            }
            Tensor last = x.narrow(0, added.length - 1, 1);                                          // (1, C)
            Tensor logits = lnF.forward(last).mm(head);                                              // (1, V)
            x.close();
            int best = (int) logits.argmax().item_long();
            if (first) {
                firstLogit = logits.select(1, best).item_float();
            }
            return best;
        }
    }

    @Override
    public void close() {
        blocks.forEach(TorchDecoderBlock::close);
        lnF.close();
        head.close();
        wte.close();
        wpe.close();
    }
}
