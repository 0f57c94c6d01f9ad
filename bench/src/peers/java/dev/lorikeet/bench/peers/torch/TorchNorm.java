package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.gpt2.Gpt2Config;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// `y = (x − mean)/√(var + ε)·γ + β` with frozen γ and β.
final class TorchNorm implements AutoCloseable {
    private final TensorOptional gamma;
    private final TensorOptional beta;
    private final long[] extents;
    private final double epsilon;

    TorchNorm(TorchWeights weights, String at, Gpt2Config config) {
        this(weights, at, config, TorchMatrix.Form.STORED);
    }

    TorchNorm(TorchWeights weights, String at, Gpt2Config config, TorchMatrix.Form form) {
        this(weights, at, config.nEmbd(), config.layerNormEpsilon(), form);
    }

    TorchNorm(TorchWeights weights, String at, int width, double epsilon) {
        this(weights, at, width, epsilon, TorchMatrix.Form.STORED);
    }

    private TorchNorm(TorchWeights weights, String at, int width, double epsilon, TorchMatrix.Form form) {
        gamma = vector(weights.get(at + ".weight"), form);
        beta = vector(weights.get(at + ".bias"), form);
        extents = new long[] {width};
        this.epsilon = epsilon;
    }

    private static TensorOptional vector(Tensor stored, TorchMatrix.Form form) {
        if (form != TorchMatrix.Form.BF16) {
            return new TensorOptional(stored);
        }
        try (Tensor narrow = stored.to(torch.ScalarType.BFloat16)) {
            return new TensorOptional(narrow);
        }
    }

    Tensor forward(Tensor x) {
        return torch.layer_norm(x, extents, gamma, beta, epsilon, true);
    }

    @Override
    public void close() {
        gamma.close();
        beta.close();
    }
}
