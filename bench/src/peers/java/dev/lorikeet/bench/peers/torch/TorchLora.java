package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.tensor.Backend;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/// LoRA on the query and value columns of one `c_attn`: `q ← q + s·x·A_qᵀ·B_qᵀ`, `v ← v + s·x·A_vᵀ·B_vᵀ`.
///
/// @param a     `(2r, C)`, the rows of `A_q` above those of `A_v`, so that one product serves both
/// @param bQ    `(C, r)`
/// @param bV    `(C, r)`
/// @param one   what the frozen result is multiplied by
/// @param scale `s = α/r`
record TorchLora(Tensor a, Tensor bQ, Tensor bV, Scalar one, Scalar scale) implements AutoCloseable {
    /// A copy of one of our updates, to be trained.
    ///
    /// @throws IllegalArgumentException if it is not one of q and v
    static TorchLora copyOf(Backend backend, LoraDelta delta) {
        int C = delta.out() / 3;
        if (!delta.slices().equals(List.of(new ColumnSlice(0, C), new ColumnSlice(2 * C, 3 * C)))) {
            throw new IllegalArgumentException(
                    "%s: the peer adapts the columns of q and v, not %s".formatted(delta.path(), delta.slices()));
        }
        return new TorchLora(
                TorchTensors.trainable(backend, delta.a().value()),
                TorchTensors.trainable(backend, delta.b().value().rows(0, C)),
                TorchTensors.trainable(backend, delta.b().value().rows(C, 2 * C)),
                new Scalar(1.0), new Scalar(delta.scale()));
    }

    /// What the optimizer trains.
    List<Tensor> parameters() {
        return List.of(a, bQ, bV);
    }

    /// @param x   `(N, C)`
    /// @param qkv q, k and v of the frozen projection, `(N, C)` each
    /// @return the adapted q, the same k, the adapted v; handles belong to the current scope
    Tensor[] adapt(Tensor x, TensorVector qkv) {
        TensorVector h = x.mm(a.t()).split(bQ.size(1), 1);                                    // 2 x (N, r)
        Tensor q = qkv.get(0).addmm(h.get(0), bQ.t(), one, scale);                 // (N, C)
        Tensor v = qkv.get(2).addmm(h.get(1), bV.t(), one, scale);                 // (N, C)
        return new Tensor[] {q, qkv.get(1), v};
    }

    @Override
    public void close() {
        parameters().forEach(Tensor::close);
        one.close();
        scale.close();
    }
}
