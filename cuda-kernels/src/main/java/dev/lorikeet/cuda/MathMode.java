package dev.lorikeet.cuda;

/// What a matrix product may round its inputs to, those of attention among them. Sums are F32 always, and so are all
/// other kernels.
public enum MathMode {
    /// Nothing: F32 products (24 significant bits).
    F32,
    /// Inputs rounded to TF32 (11 significant bits) on their way into the tensor cores.
    TF32,
    /// Inputs rounded to BF16 (8 significant bits); frozen BF16 weights are taken as they are.
    BF16
}
