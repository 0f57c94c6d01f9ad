package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.ceilings.CeilingSuite;
import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.List;
import java.util.Map;

/// Our product before and after its type profile was polluted, each beside the FMA ceiling in the same rounds: the
/// ratio is the share of the peak, and it should be the same twice. Meaningful in a process of its own only, as
/// `bench/run compare gemm-polluted` starts it. Trait `reference`: what stands beside ours is no peer.
public final class PollutedGemmSuite implements Suite {
    private static final List<GemmShape> SHAPES = List.of(
            GemmShape.nn("gpt2 c_fc", 1024, 768, 3072).forward(),
            GemmShape.nt("gpt2 c_fc", 1024, 3072, 768).gradient());
    private static final int ROUNDS = 60;

    @Override
    public String name() {
        return "gemm-polluted";
    }

    @Override
    public String about() {
        return "our product before and after every other layout, type and shape was seen, as a share of the FMA peak";
    }

    @Override
    public List<Comparison> comparisons() {
        return java.util.stream.Stream.of("clean", "polluted")
                .flatMap(when -> SHAPES.stream().map(shape -> comparison(when, shape)))
                .toList();
    }

    private static Comparison comparison(String when, GemmShape shape) {
        // tolerance 2: the reference computes something else, and no two finite numbers lie further apart
        return new Comparison(when + " " + shape, shape.work(), 2,
                Map.of("reference", "fma", "profile", when), () -> contest(when.equals("polluted"), shape));
    }

    private static Contest contest(boolean pollute, GemmShape shape) {
        Backend backend = Backends.open("cpu");
        if (pollute) {
            Pollution.of(backend, ROUNDS);
        }
        GemmProblem problem = new GemmProblem(backend, shape);
        CeilingSuite.FmaLoop loop = new CeilingSuite.FmaLoop(shape.work().flops());
        return new Contest(List.of(problem.ours(), Contender.of("FMA loop", loop::run)),
                List.of(backend, problem, loop));
    }
}
