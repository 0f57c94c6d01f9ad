package dev.lorikeet.tensor;

/// The two devices of a contract run, with memory that the trials reuse: they find what their predecessors left behind,
/// as kernels of a training step do.
///
/// @param testedMemory    memory of the backend under test
/// @param referenceMemory memory of what it is compared with
/// @param dtype           floating-point type of the operands on the tested side
/// @param identical       true if the reference is a backend of the same kind that must agree bit by bit, in the same
///                        type; false if it is the specification, which gets the same numbers in F64
record Sides(Pool testedMemory, Pool referenceMemory, DType dtype, boolean identical) implements AutoCloseable {
    Sides(Backend tested, Backend reference, DType dtype, boolean identical) {
        this(new Pool(tested), new Pool(reference), dtype, identical);
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
        return identical ? Tolerance.exact() : Tolerance.of(type, length);
    }

    @Override
    public void close() {
        testedMemory.close();
        referenceMemory.close();
    }
}
