package dev.lorikeet.bench.peers.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// A frozen projection in one of the forms in which libtorch can decode.
///
/// @param weight `(in, out)` for [Form#STORED], `(out, in)` otherwise
/// @param bias   `(out)`
/// @param form   how it is multiplied
record TorchMatrix(Tensor weight, Tensor bias, Form form) implements AutoCloseable {
    /// Which operators and which layout.
    enum Form {
        /// `addmm` with the weight as the checkpoint has it: what a straightforward program does.
        STORED,
        /// `addmv` for one row, `linear` for more, with the weight transposed at load: MKL's matrix-vector product,
        /// the fastest F32 way found.
        VECTOR,
        /// BF16 weights and activations, `linear` (oneDNN).
        BF16
    }

    /// @param stored `(in, out)`, stays the caller's
    /// @param bias   stays the caller's
    static TorchMatrix of(Tensor stored, Tensor bias, Form form) {
        return switch (form) {
            case STORED -> new TorchMatrix(stored.detach(), bias.detach(), form);
            case VECTOR -> new TorchMatrix(transposed(stored), bias.detach(), form);
            case BF16 -> {
                try (Tensor wide = transposed(stored)) {
                    yield new TorchMatrix(
                            wide.to(torch.ScalarType.BFloat16), bias.to(torch.ScalarType.BFloat16), form);
                }
            }
        };
    }

    /// A copy with rows and columns exchanged.
    static Tensor transposed(Tensor matrix) {
        try (Tensor view = matrix.t()) {
            return view.contiguous();
        }
    }

    /// @param x `(N, in)`
    /// @return `(N, out)`
    Tensor forward(Tensor x) {
        if (form == Form.STORED) {
            return torch.addmm(bias, x, weight);
        }
        if (form == Form.VECTOR && x.size(0) == 1) {
            return torch.addmv(bias, weight, x.view(-1)).view(1, -1);
        }
        return torch.linear(x, weight, new TensorOptional(bias));
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
    }
}
