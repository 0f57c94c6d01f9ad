package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.tensor.Backend;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// `y = x·Wᵀ + b`, W stored `(out, in)`, with LoRA if A and B are not null: `y + s·x·Aᵀ·Bᵀ`.
///
/// @param weight `(out, in)`; it belongs to whoever made this
/// @param bias   `(out)`, likewise
/// @param a      `(r, in)`, or null
/// @param b      `(out, r)`, or null
/// @param one    what the frozen result is multiplied by
/// @param scale  `s = α/r`
record TorchLinear(Tensor weight, Tensor bias, Tensor a, Tensor b, Scalar one, Scalar scale)
        implements AutoCloseable {
    static TorchLinear plain(Tensor weight, Tensor bias) {
        return new TorchLinear(weight, bias, null, null, null, null);
    }

    /// With a copy of one of our updates, to be trained.
    static TorchLinear adapted(Tensor weight, Tensor bias, Backend backend, LoraDelta delta) {
        return new TorchLinear(
                weight, bias, TorchTensors.trainable(backend, delta.a().value()),
                TorchTensors.trainable(backend, delta.b().value()), new Scalar(1.0), new Scalar(delta.scale()));
    }

    /// What the optimizer trains of the update.
    List<Tensor> parameters() {
        return a == null ? List.of() : List.of(a, b);
    }

    /// @param x `(N, in)`
    /// @return `(N, out)`; the handle belongs to the current scope
    Tensor forward(Tensor x) {
        Tensor y = torch.addmm(bias, x, weight.t());
        return a == null ? y : y.addmm(x.mm(a.t()), b.t(), one, scale);
    }

    @Override
    public void close() {
        if (a != null) {
            a.close();
            b.close();
            one.close();
            scale.close();
        }
    }
}
