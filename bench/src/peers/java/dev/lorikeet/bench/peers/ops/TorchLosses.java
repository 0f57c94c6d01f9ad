package dev.lorikeet.bench.peers.ops;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.kernels.Kernel;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Losses with their gradients by libtorch's autograd, all logits in memory.
final class TorchLosses {
    private static final long SUM = 2;        // at::Reduction::Sum
    private static final long NONE = 0;
    private static final long IGNORE = -100;

    private TorchLosses() {}

    /// The gradient stays libtorch's; the losses of all rows are compared.
    static Contender crossEntropy(Kernel.CrossEntropy loss) {
        Tensor logits = TorchView.of(loss.logits()).set_requires_grad(true);
        Tensor labels = TorchView.of(loss.labels()).to(ScalarType.Long);
        Tensor ones = TorchView.of(loss.ones());
        return TorchView.allocating(() -> {
            logits.mutable_grad().reset();
            Tensor nll = torch.cross_entropy_loss(logits, labels, new TensorOptional(), NONE, IGNORE, 0);
            TorchView.backward(nll, ones);
            return nll;
        });
    }

    /// `mm`, loss, and back to the hidden rows.
    static Contender head(Kernel.Head head) {
        Tensor x = TorchView.of(head.x()).set_requires_grad(true);
        Tensor w = TorchView.of(head.w()).t();
        Tensor labels = TorchView.of(head.labels()).to(ScalarType.Long);
        return TorchView.allocating(() -> {
            x.mutable_grad().reset();
            torch.cross_entropy_loss(torch.mm(x, w), labels, new TensorOptional(), SUM, IGNORE, 0).backward();
            return x.grad();
        });
    }
}
