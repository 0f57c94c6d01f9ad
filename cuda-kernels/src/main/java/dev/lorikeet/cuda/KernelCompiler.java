package dev.lorikeet.cuda;

/// Makes machine code of a `.cu` source.
interface KernelCompiler {
    /// Everything that decides what comes out of a source: compiler, version, architecture, options.
    String identity();

    /// The module of `source`.
    ///
    /// @throws LaunchFailed with the compiler's messages
    byte[] compile(KernelSource source);
}
