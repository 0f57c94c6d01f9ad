package dev.lorikeet.cuda;

/// A kernel of the `.cu` sources.
///
/// @param unit  what is compiled when the first of its kernels is launched
/// @param entry the name of the `extern "C" __global__` function
record Kernel(Unit unit, String entry) {
    /// A kernel of `source`.cu.
    Kernel(String source, String entry) {
        this(Unit.of(source), entry);
    }

    @Override
    public String toString() {
        return entry + " of " + unit.source() + ".cu";
    }
}
