package dev.lorikeet.cuda;

/// A kernel of the `.cu` sources.
///
/// @param source the file, without its ending: the unit that is compiled when the first of its kernels is launched
/// @param entry  the name of the `extern "C" __global__` function
record Kernel(String source, String entry) {
    @Override
    public String toString() {
        return entry + " of " + source + ".cu";
    }
}
