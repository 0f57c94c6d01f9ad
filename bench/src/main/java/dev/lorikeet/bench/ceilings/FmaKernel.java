package dev.lorikeet.bench.ceilings;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Multiply-adds on registers only: `xᵢ ← a·b + xᵢ` in twelve chains that do not depend on each other, enough to cover
/// the latency of the instruction on two pipes.
final class FmaKernel {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int CHAINS = 12;

    private FmaKernel() {}

    /// Floating-point operations of [#run] with so many iterations.
    static double flops(int iterations) {
        return 2.0 * CHAINS * SPECIES.length() * iterations;
    }

    /// Runs the chains; the sum keeps the compiler from leaving them out.
    static double run(int iterations) {
        FloatVector a = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector b = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector x0 = b;
        FloatVector x1 = b;
        FloatVector x2 = b;
        FloatVector x3 = b;
        FloatVector x4 = b;
        FloatVector x5 = b;
        FloatVector x6 = b;
        FloatVector x7 = b;
        FloatVector x8 = b;
        FloatVector x9 = b;
        FloatVector x10 = b;
        FloatVector x11 = b;
        for (int i = 0; i < iterations; i++) {
            x0 = a.fma(b, x0);
            x1 = a.fma(b, x1);
            x2 = a.fma(b, x2);
            x3 = a.fma(b, x3);
            x4 = a.fma(b, x4);
            x5 = a.fma(b, x5);
            x6 = a.fma(b, x6);
            x7 = a.fma(b, x7);
            x8 = a.fma(b, x8);
            x9 = a.fma(b, x9);
            x10 = a.fma(b, x10);
            x11 = a.fma(b, x11);
        }
        FloatVector low = x0.add(x1).add(x2).add(x3).add(x4).add(x5);
        return low.add(x6).add(x7).add(x8).add(x9).add(x10).add(x11).lane(0) / CHAINS;
    }
}
