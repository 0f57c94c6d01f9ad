package dev.lorikeet.tensor;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;

/// What every backend must do: each method of [Kernels], compared with the specification, over awkward sizes, row
/// strides, poisoned destinations and every argument that may be null. A backend's own tests run it:
///
/// ```java
/// @TestFactory
/// Stream<DynamicNode> every_kernel_agrees_with_the_specification() {
///     return KernelContract.of(backend, DType.F32);
/// }
/// ```
///
/// How close "agrees" is, [Tolerance] says; what else is demanded, [KernelTrial]. One container of checks per kernel,
/// named like the method.
public final class KernelContract {
    /// Two-dimensional shapes: empty ones, sizes around vector lengths, one that is worth several threads.
    static final List<Shape> SHAPES = List.of(
            Shape.of(0, 4), Shape.of(3, 0), Shape.of(1, 1), Shape.of(1, 3), Shape.of(7, 3), Shape.of(3, 7),
            Shape.of(5, 8), Shape.of(8, 13), Shape.of(13, 207), Shape.of(3, 1024), Shape.of(2, 2, 65),
            Shape.of(300, 257));

    /// A few of them, for kernels with many variants.
    static final List<Shape> FEW_SHAPES = List.of(
            Shape.of(0, 4), Shape.of(1, 1), Shape.of(3, 7), Shape.of(13, 207), Shape.of(300, 257));

    /// Shapes for kernels that reduce a row: no empty rows, longer ones.
    static final List<Shape> ROW_SHAPES = List.of(
            Shape.of(0, 4), Shape.of(1, 1), Shape.of(1, 3), Shape.of(7, 3), Shape.of(3, 7), Shape.of(5, 8),
            Shape.of(8, 13), Shape.of(13, 207), Shape.of(3, 1024), Shape.of(2, 4098), Shape.of(2, 2, 65),
            Shape.of(300, 65));

    private KernelContract() {}

    /// Every check of `tested` against the specification computing in F64.
    ///
    /// @param dtype the floating-point type of the tested side
    public static Stream<DynamicNode> of(Backend tested, DType dtype) {
        ScalarBackend specification = new ScalarBackend();
        return run(new BackendsUnderTest(tested, specification, dtype, 0, false)).onClose(specification::close);
    }

    /// Every check of one backend against another one of its kind, say with another number of threads: results must be
    /// the same bit by bit.
    public static Stream<DynamicNode> identical(Backend one, Backend other, DType dtype) {
        return run(new BackendsUnderTest(one, other, dtype, 0, true));
    }

    /// The checks of products and attention, for a backend that computes in F32 but rounds the factors of products on
    /// their way, to BF16 or to something finer. What is given to it has no more digits than BF16, so that only what it
    /// computes on the way is rounded.
    ///
    /// @param roundoff unit roundoff of the rounded factors: 2⁻⁸ for BF16, 2⁻¹¹ for TF32
    public static Stream<DynamicNode> ofRoundedProducts(Backend tested, double roundoff) {
        ScalarBackend specification = new ScalarBackend();
        BackendsUnderTest backends = new BackendsUnderTest(tested, specification, DType.F32, roundoff, false);
        Checks checks = new Checks(backends);
        GemmContract.addTo(checks);
        AttentionContract.addTo(checks);
        return checks.nodes().onClose(backends::close).onClose(specification::close);
    }

    private static Stream<DynamicNode> run(BackendsUnderTest backends) {
        Checks checks = new Checks(backends);
        MovesContract.addTo(checks);
        RandomContract.addTo(checks);
        ElementwiseContract.addTo(checks);
        ReductionContract.addTo(checks);
        GemmContract.addTo(checks);
        NormContract.addTo(checks);
        AttentionContract.addTo(checks);
        LossContract.addTo(checks);
        OptimizerContract.addTo(checks);
        return checks.nodes().onClose(backends::close);
    }
}
