package dev.lorikeet.bench.gpu;

/// How much is measured.
public enum Size {
    /// Next to nothing, to see that everything works; no figure means anything.
    TINY,
    /// A first look.
    QUICK,
    /// Figures to quote.
    FULL
}
