package dev.lorikeet.tensor;

/// One tensor of a [KernelTrial], on both backends: the same numbers, on the tested device in its type and perhaps with
/// row gaps, on the reference in F64 and packed.
///
/// @param name     for messages
/// @param tested   the tensor on the tested backend
/// @param expected the tensor on the reference
/// @param written  true if the kernel may change its elements
record Operand(String name, Tensor tested, Tensor expected, boolean written) {
    Operand asInput() {
        return new Operand(name, tested, expected, false);
    }
}
