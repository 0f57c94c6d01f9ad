package dev.lorikeet.bench.ceilings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Streams through memory that is too large for any cache.
final class StreamKernel {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long STEP = SPECIES.vectorByteSize();

    private StreamKernel() {}

    /// `c ← a + s·b` over bytes `from … to − 1` of each, whole pairs of vectors only.
    static double triad(MemorySegment c, MemorySegment a, MemorySegment b, long from, long to) {
        FloatVector s = FloatVector.broadcast(SPECIES, 3);
        for (long i = from; i + 2 * STEP <= to; i += 2 * STEP) {
            FloatVector first = FloatVector.fromMemorySegment(SPECIES, b, i, ORDER);
            FloatVector second = FloatVector.fromMemorySegment(SPECIES, b, i + STEP, ORDER);
            first.fma(s, FloatVector.fromMemorySegment(SPECIES, a, i, ORDER)).intoMemorySegment(c, i, ORDER);
            second.fma(s, FloatVector.fromMemorySegment(SPECIES, a, i + STEP, ORDER))
                    .intoMemorySegment(c, i + STEP, ORDER);
        }
        return c.get(JAVA_FLOAT, from);
    }

    /// The sum of bytes `from … to − 1` of `a` read as floats, in eight chains.
    static double read(MemorySegment a, long from, long to) {
        FloatVector x0 = FloatVector.zero(SPECIES);
        FloatVector x1 = x0;
        FloatVector x2 = x0;
        FloatVector x3 = x0;
        FloatVector x4 = x0;
        FloatVector x5 = x0;
        FloatVector x6 = x0;
        FloatVector x7 = x0;
        for (long i = from; i + 8 * STEP <= to; i += 8 * STEP) {
            x0 = x0.add(FloatVector.fromMemorySegment(SPECIES, a, i, ORDER));
            x1 = x1.add(FloatVector.fromMemorySegment(SPECIES, a, i + STEP, ORDER));
            x2 = x2.add(FloatVector.fromMemorySegment(SPECIES, a, i + 2 * STEP, ORDER));
            x3 = x3.add(FloatVector.fromMemorySegment(SPECIES, a, i + 3 * STEP, ORDER));
            x4 = x4.add(FloatVector.fromMemorySegment(SPECIES, a, i + 4 * STEP, ORDER));
            x5 = x5.add(FloatVector.fromMemorySegment(SPECIES, a, i + 5 * STEP, ORDER));
            x6 = x6.add(FloatVector.fromMemorySegment(SPECIES, a, i + 6 * STEP, ORDER));
            x7 = x7.add(FloatVector.fromMemorySegment(SPECIES, a, i + 7 * STEP, ORDER));
        }
        FloatVector sum = x0.add(x1).add(x2.add(x3)).add(x4.add(x5).add(x6.add(x7)));
        return sum.reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
    }
}
