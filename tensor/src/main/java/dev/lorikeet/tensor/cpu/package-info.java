/// Computing on the host, twice: once to be right and once to be fast.
///
/// *Right* is [ScalarBackend] with [ScalarKernels]: plain loops over [Elements], accumulating in double, for any
/// floating-point type. It is the specification in code. Every other backend, on any device, is compared with it by the
/// kernel contract tests, and gradients are checked against finite differences on it in F64.
///
/// *Fast* is the `cpu` backend: the Vector API over memory outside the Java heap, on a thread team of its own. Its
/// table of contents is [CpuKernels]; what a vector loop must look like, and why, stands in [Lanes] and [VectorMath];
/// matrix products begin at [Gemm], those of decoding at [Gemv], attention at [AttentionForward].
///
/// Frozen F32 matrices are packed once, when they are loaded ([PanelStorage]). The panels take the place of the
/// rows, so a model needs no more memory than before, and the pages of a mapped checkpoint are given back as they
/// are read. What is lost is that such a matrix lies in the file's own pages; it was worth it: forward products
/// gain 5% with a thousand rows and a quarter with sixty. A backward product has to be packed again from the
/// panels, which costs the same as from rows. BF16, F16 and I8 stay as they are stored, since widening them is a
/// pass over them anyway.
///
/// Both keep their numbers in [HostMemory]: uninitialised, aligned blocks that are really freed. Start reading at
/// [ScalarKernels] and follow it into one family (`ScalarNorms`, `ScalarAttention`, `ScalarLosses`); then read the fast
/// twin of the same name beside it. Read next: `dev.lorikeet.tensor.io`.
package dev.lorikeet.tensor.cpu;
