package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Sums, products and functions: `elementwise.cu`.
final class Elementwise {
    private static final String SOURCE = "elementwise";
    private static final Kernel SCALE = new Kernel(SOURCE, "scale");
    private static final Kernel AXPBY = new Kernel(SOURCE, "axpby");
    private static final Kernel SCALE_BY = new Kernel(SOURCE, "scale_by");
    private static final Kernel ADD = new Kernel(SOURCE, "add");
    private static final Kernel MULTIPLY = new Kernel(SOURCE, "multiply");
    private static final Map<UnaryFunction, Kernel> MAP = named("map_");
    private static final Map<UnaryFunction, Kernel> MAP_BACKWARD = named("map_backward_");
    /// Columns that a block takes at once.
    private static final int SHARE = 4 * Grids.THREADS;

    private final Stream stream;

    Elementwise(Stream stream) {
        this.stream = stream;
    }

    private static Map<UnaryFunction, Kernel> named(String prefix) {
        Map<UnaryFunction, Kernel> kernels = new EnumMap<>(UnaryFunction.class);
        for (UnaryFunction f : UnaryFunction.values()) {
            kernels.put(f, new Kernel(SOURCE, prefix + f.name().toLowerCase(Locale.ROOT)));
        }
        return kernels;
    }

    /// `dst ← beta·dst`; 0 without reading if `beta = 0`.
    void scale(Tensor dst, double beta) {
        if (beta == 1 || dst.size() == 0) {
            return;
        }
        boolean flat = Grids.flat(dst, dst);
        stream.arguments().floats(dst, flat).single(beta);
        launch(SCALE, dst, flat);
    }

    void axpby(Tensor dst, double alpha, Tensor src, double beta) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, src);
            stream.arguments().floats(dst, flat).single(alpha).floats(src, flat).single(beta);
            launch(AXPBY, dst, flat);
        }
    }

    void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, src);
            stream.arguments().floats(dst, flat).floatsAt(factor).floats(src, flat).single(beta);
            launch(SCALE_BY, dst, flat);
        }
    }

    void add(Tensor dst, Tensor a, Tensor b) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, a) && b.isContiguous();
            stream.arguments().floats(dst, flat).floats(a, flat).floats(b, flat);
            launch(ADD, dst, flat);
        }
    }

    void addBias(Tensor dst, Tensor src, Tensor bias) {
        if (dst.size() > 0) {
            stream.arguments().floats(dst).floats(src).repeated(bias);
            launch(ADD, dst, false);
        }
    }

    void multiply(Tensor dst, Tensor a, Tensor b, double beta) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, a) && b.isContiguous();
            stream.arguments().floats(dst, flat).floats(a, flat).floats(b, flat).single(beta);
            launch(MULTIPLY, dst, flat);
        }
    }

    void map(Tensor dst, Tensor src, UnaryFunction f) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, src);
            stream.arguments().floats(dst, flat).floats(src, flat);
            launch(MAP.get(f), dst, flat);
        }
    }

    void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta) {
        if (dx.size() > 0) {
            boolean flat = Grids.flat(dx, dy) && x.isContiguous();
            stream.arguments().floats(dx, flat).floats(dy, flat).floats(x, flat).single(beta);
            launch(MAP_BACKWARD.get(f), dx, flat);
        }
    }

    private void launch(Kernel kernel, Tensor dst, boolean flat) {
        stream.launch(kernel, Grids.acrossRow(flat ? dst.size() : dst.cols(), SHARE), flat ? 1 : Grids.down(dst.rows()),
                Grids.THREADS);
    }
}
