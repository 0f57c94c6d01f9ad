package dev.lorikeet.cuda;

/// Makes machine code of a `.cu` source.
interface KernelCompiler {
    /// Everything that decides what comes out of a source: compiler, version, architecture, options.
    String identity();

    /// The module of `name.cu`.
    ///
    /// @param text   the source
    /// @param header `common.cuh`, which it includes
    /// @throws LaunchFailed with the compiler's messages
    byte[] compile(String name, String text, String header);
}
