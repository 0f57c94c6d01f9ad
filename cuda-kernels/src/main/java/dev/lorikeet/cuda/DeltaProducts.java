package dev.lorikeet.cuda;

/// Who computes the products of a low-rank delta: those with one extent of at most 64. Which is faster a benchmark on
/// the device has to say; see `low_rank.cu` for why it might be our kernels.
public enum DeltaProducts {
    /// The kernels of `low_rank.cu`, in F32 whatever the math mode is.
    KERNELS,
    /// cuBLAS in the math mode, as all other products.
    CUBLAS
}
