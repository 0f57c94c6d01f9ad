package dev.lorikeet.bench.peers.ops;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.kernels.GemmContenders;
import dev.lorikeet.bench.kernels.GemmProblem;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// libtorch's `mm` into memory that is there already.
public final class TorchGemm implements GemmContenders {
    @Override
    public List<Contender> contenders(GemmProblem problem) {
        Tensor a = TorchView.of(problem.a());
        Tensor b = TorchView.of(problem.b());
        Tensor left = problem.shape().ta() ? a.t() : a;
        Tensor right = problem.shape().tb() ? b.t() : b;
        Tensor out = TorchView.of(problem.c());
        return List.of(problem.contender("libtorch", () -> torch.mm_out(out, left, right).close()));
    }
}
