package dev.lorikeet.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Matrix products: all transpositions, every kind of small and skinny, strides, frozen weights in fewer bits.
final class GemmContract {
    private static final int[] SMALL = {0, 1, 3, 7, 8, 13};

    /// `(M, K, N)`: row-vector, column-vector, low rank in each of the three places, several panels of each blocking.
    private static final List<Shape> LARGE = List.of(
            Shape.of(1, 207, 1024), Shape.of(1, 1024, 207), Shape.of(1, 768, 2304), Shape.of(1, 803, 1000),
            Shape.of(207, 1024, 1), Shape.of(64, 207, 8),
            Shape.of(207, 8, 64), Shape.of(8, 300, 207), Shape.of(207, 300, 4), Shape.of(2, 1024, 65),
            Shape.of(5, 4098, 17), Shape.of(65, 67, 69), Shape.of(130, 207, 97), Shape.of(49, 800, 33),
            Shape.of(33, 16, 1030), Shape.of(150, 70, 33));

    private GemmContract() {}

    static void addTo(Checks checks) {
        List<Shape> small = new ArrayList<>();
        for (int m : SMALL) {
            for (int k : SMALL) {
                for (int n : SMALL) {
                    small.add(Shape.of(m, k, n));
                }
            }
        }
        List<DType> weights = Stream.of(checks.dtype(), DType.BF16, DType.F16, DType.I8).distinct().toList();
        for (Layout layout : Layout.values()) {
            for (int flags = 0; flags < 4; flags++) {
                boolean transposeA = (flags & 2) != 0;
                boolean transposeB = (flags & 1) != 0;
                for (DType type : weights) {
                    Case with = new Case(layout, transposeA, transposeB, type);
                    checks.addAll("gemm", with + " small", small, (t, mkn) -> with.check(t, mkn, -0.7, 0.5));
                    double[] betas = type == checks.dtype()
                            ? new double[] {0, 0.5}
                            : new double[] {layout == Layout.PACKED ? 0 : 1};
                    for (Shape mkn : LARGE) {
                        for (double beta : betas) {
                            checks.add("gemm", "%s M, K, N = %s beta %s".formatted(with, mkn, beta),
                                    t -> with.check(t, mkn, beta == 0 ? 1 : 0.3, beta));
                        }
                    }
                }
                Case with = new Case(layout, transposeA, transposeB, checks.dtype());
                checks.addAll("gemm", with + " small, beta 0.0", small, (t, mkn) -> with.check(t, mkn, 1, 0));
                checks.addAll("gemm", with + " small, beta 1.0", small, (t, mkn) -> with.check(t, mkn, 2, 1));
            }
        }
    }

    private record Case(Layout layout, boolean transposeA, boolean transposeB, DType weight) {
        void check(KernelTrial t, Shape mkn, double alpha, double beta) {
            int m = mkn.dim(0);
            int k = mkn.dim(1);
            int n = mkn.dim(2);
            Operand a = t.input(transposeA ? Shape.of(k, m) : Shape.of(m, k), layout);
            Operand b = t.weight(weight, transposeB ? Shape.of(n, k) : Shape.of(k, n), layout);
            Operand c = t.output(Shape.of(m, n), layout, beta);
            t.call((kernels, on) ->
                    kernels.gemm(on.of(c), on.of(a), transposeA, on.of(b), transposeB, alpha, beta));
            t.agrees(c, k, Math.abs(alpha) * Math.sqrt(k));
        }

        @Override
        public String toString() {
            return "%s %s%s %s".formatted(layout, transposeA ? "T" : "N", transposeB ? "T" : "N", weight);
        }
    }
}
