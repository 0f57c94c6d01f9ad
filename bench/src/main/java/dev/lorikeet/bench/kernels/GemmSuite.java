package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.ceilings.CeilingSuite;
import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Matrix products on all processors, ours and every [GemmContenders]'s. Begins with the FMA ceiling, so that a share
/// of the peak comes from the same process. Traits: `use`, `layout`.
public sealed class GemmSuite implements Suite {
    /// Products with frozen weights in training.
    public static final class Frozen extends GemmSuite {
        public Frozen() {
            super("gemm", "products with the frozen weights of GPT-2 small and medium, and so of RoBERTa-base",
                    GemmShapes.frozen());
        }
    }

    /// Products with few rows.
    public static final class Few extends GemmSuite {
        public Few() {
            super("gemm-few", "products with 64 rows, and the head's in the chunks of our loss", GemmShapes.few());
        }
    }

    /// Products with one small extent.
    public static final class Thin extends GemmSuite {
        public Thin() {
            super("gemm-thin", "what LoRA adds to a projection, and one token of decoding", GemmShapes.thin());
        }
    }

    private final String name;
    private final String about;
    private final List<GemmShape> shapes;

    private GemmSuite(String name, String about, List<GemmShape> shapes) {
        this.name = name;
        this.about = about;
        this.shapes = shapes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String about() {
        return about;
    }

    @Override
    public List<Comparison> comparisons() {
        List<Comparison> all = new ArrayList<>();
        all.add(CeilingSuite.fma(Runtime.getRuntime().availableProcessors()));
        shapes.forEach(shape -> all.add(comparison(shape)));
        return all;
    }

    static Comparison comparison(GemmShape shape) {
        return new Comparison(shape.toString(), shape.work(), 1e-3,
                Map.of("use", shape.use(), "layout", shape.layout()), () -> contest(shape));
    }

    private static Contest contest(GemmShape shape) {
        Backend backend = Backends.open("cpu");
        GemmProblem problem = new GemmProblem(backend, shape);
        List<Contender> contenders = new ArrayList<>();
        contenders.add(problem.ours());
        GemmContenders.all().forEach(peer -> contenders.addAll(peer.contenders(problem)));
        return new Contest(contenders, List.of(backend, problem));
    }
}
