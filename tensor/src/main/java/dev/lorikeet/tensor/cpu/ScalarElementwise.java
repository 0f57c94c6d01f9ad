package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;

/// Element by element: sums, products, functions.
final class ScalarElementwise {
    private ScalarElementwise() {}

    static void axpby(Tensor dst, double alpha, Tensor src, double beta) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.blend(i, j, beta, alpha * s.get(i, j));
            }
        }
    }

    static void add(Tensor dst, Tensor a, Tensor b) {
        Elements d = Elements.of(dst);
        Elements x = Elements.of(a);
        Elements y = Elements.of(b);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.set(i, j, x.get(i, j) + y.get(i, j));
            }
        }
    }

    static void multiply(Tensor dst, Tensor a, Tensor b, double beta) {
        Elements d = Elements.of(dst);
        Elements x = Elements.of(a);
        Elements y = Elements.of(b);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.blend(i, j, beta, x.get(i, j) * y.get(i, j));
            }
        }
    }

    static void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta) {
        axpby(dst, Elements.of(factor).get(0), src, beta);
    }

    static void addBias(Tensor dst, Tensor src, Tensor bias) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        Elements b = Elements.of(bias);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.set(i, j, s.get(i, j) + b.get(j));
            }
        }
    }

    static void map(Tensor dst, Tensor src, UnaryFunction f) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                d.set(i, j, ScalarFunctions.value(f, s.get(i, j)));
            }
        }
    }

    static void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta) {
        Elements gx = Elements.of(dx);
        Elements gy = Elements.of(dy);
        Elements in = Elements.of(x);
        for (int i = 0; i < gx.rows(); i++) {
            for (int j = 0; j < gx.cols(); j++) {
                gx.blend(i, j, beta, gy.get(i, j) * ScalarFunctions.derivative(f, in.get(i, j)));
            }
        }
    }
}
