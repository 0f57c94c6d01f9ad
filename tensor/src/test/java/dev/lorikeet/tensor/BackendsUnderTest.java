package dev.lorikeet.tensor;

/// The two devices of a contract run, with memory that the trials reuse: they find what their predecessors left behind,
/// as kernels of a training step do.
///
/// @param testedMemory    memory of the backend under test
/// @param referenceMemory memory of what it is compared with
/// @param dtype           floating-point type of the operands on the tested side
/// @param roundoff        unit roundoff of the factors of the tested side's products; 0 if they are not rounded
/// @param identical       true if the reference is a backend of the same kind that must agree bit by bit, in the same
///                        type; false if it is the specification, which gets the same numbers in F64
record BackendsUnderTest(Pool testedMemory, Pool referenceMemory, DType dtype, double roundoff, boolean identical)
        implements AutoCloseable {
    BackendsUnderTest(Backend tested, Backend reference, DType dtype, double roundoff, boolean identical) {
        this(new Pool(tested), new Pool(reference), dtype, roundoff, identical);
    }

    /// `values` as operands of `type`. Where products round their factors there is nothing to round in what is given.
    double[] operand(double[] values, DType type) {
        return HostNumbers.rounded(roundoff > 0 ? HostNumbers.rounded(values, DType.BF16) : values, type);
    }

    Backend tested() {
        return testedMemory.backend();
    }

    Backend reference() {
        return referenceMemory.backend();
    }

    DType referenceType(DType type) {
        return type.isFloating() && !identical ? DType.F64 : type;
    }

    Tolerance tolerance(DType type, long length) {
        if (identical) {
            return Tolerance.exact();
        }
        return roundoff > 0 && type.isFloating() ? Tolerance.ofRoundedFactors(roundoff) : Tolerance.of(type, length);
    }

    @Override
    public void close() {
        testedMemory.close();
        referenceMemory.close();
    }
}
