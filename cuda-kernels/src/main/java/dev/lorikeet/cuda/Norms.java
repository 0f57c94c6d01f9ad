package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;

/// Layer normalisation and softmax: `layer_norm.cu`, `softmax.cu`.
final class Norms {
    private static final Kernel FORWARD = new Kernel("layer_norm", "layer_norm");
    private static final Kernel FORWARD_1024 = new Kernel("layer_norm", "layer_norm_1024");
    private static final Kernel FORWARD_2048 = new Kernel("layer_norm", "layer_norm_2048");
    private static final Kernel BACKWARD = new Kernel("layer_norm", "layer_norm_backward");
    private static final Kernel BACKWARD_1024 = new Kernel("layer_norm", "layer_norm_backward_1024");
    private static final Kernel SOFTMAX = new Kernel("softmax", "softmax");
    private static final Kernel SOFTMAX_BACKWARD = new Kernel("softmax", "softmax_backward");
    private static final int WARPS = Grids.THREADS / 32;

    private final Stream stream;

    Norms(Stream stream) {
        this.stream = stream;
    }

    void layerNorm(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps) {
        if (x.size() > 0) {
            boolean wide = wide(y) && wide(x) && wide(weight) && wide(bias);
            Kernel kernel = wide && x.cols() <= 1024 ? FORWARD_1024
                    : wide && x.cols() <= 2048 ? FORWARD_2048 : FORWARD;
            stream.arguments().floats(y).floatsAt(mean).floatsAt(rstd).floats(x).floatsAt(weight).floatsAt(bias)
                    .single(eps);
            stream.launch(kernel, Grids.across(x.rows(), WARPS), 1, Grids.THREADS);
        }
    }

    void layerNormBackward(Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight, double beta) {
        if (x.size() > 0) {
            boolean wide = wide(dx) && wide(dy) && wide(x) && wide(weight);
            stream.arguments().floats(dx).floats(dy).floats(x).floatsAt(mean).floatsAt(rstd).floatsAt(weight)
                    .single(beta);
            stream.launch(wide && x.cols() <= 1024 ? BACKWARD_1024 : BACKWARD, Grids.across(x.rows(), WARPS), 1,
                    Grids.THREADS);
        }
    }

    /// True if every row can be read four numbers at a time; so can what does not exist.
    private static boolean wide(Tensor tensor) {
        return tensor == null || tensor.cols() % 4 == 0 && tensor.rowStride() % 4 == 0 && tensor.address() % 16 == 0;
    }

    void softmax(Tensor y, Tensor x, int visible) {
        if (x.size() > 0) {
            stream.arguments().floats(y).floats(x).integer(visible);
            stream.launch(SOFTMAX, Grids.down(x.rows()), 1, Grids.ofRow(x.cols(), Grids.THREADS));
        }
    }

    void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta) {
        if (y.size() > 0) {
            stream.arguments().floats(dx).floats(dy).floats(y).single(beta);
            stream.launch(SOFTMAX_BACKWARD, Grids.down(y.rows()), 1, Grids.ofRow(y.cols(), Grids.THREADS));
        }
    }
}
