package dev.lorikeet.tensor;

import java.util.List;

/// The arithmetic of a device. Destinations come first, then inputs, then numbers.
///
/// - A kernel never allocates device memory and never keeps a reference.
/// - `beta` means what it means in BLAS: `dst ← beta·dst + result`. With `beta = 0` the old content of `dst` is *not
///   read*, so that recycled memory, NaN included, may be passed.
/// - Tensors may have row strides; shapes are checked by the caller (the op). A destination shares no byte with an
///   input unless the kernel says that it works in place.
/// - Shapes below are `(rows, cols)` of the two-dimensional view; `null` is allowed only where it is mentioned.
/// - Index tensors (`ids`, `labels`, `index`) are I32. Floating-point tensors of one call have one type, except that
///   `b` of [#gemm], `table` of [#gatherRows] and `w` of the losses may be BF16, F16, or I8 with [Scales] (frozen
///   weights): a kernel computes with the numbers that they stand for.
/// - Results are the same whatever the number of threads.
///
/// `dev.lorikeet.tensor.cpu.ScalarKernels` is the specification in code: plain loops that accumulate in double.
public interface Kernels {
    // --- moving numbers --------------------------------------------------------------------------------------------

    /// `dst ← value` in every element.
    void fill(Tensor dst, double value);

    /// `dst ← src`, converting between any two element types: to nearest, ties to even; integers saturate; `BOOL` is 1
    /// where the source is not 0. The scales of `src` are applied, unless `dst` is I8 too.
    void copy(Tensor dst, Tensor src);

    /// `dst[i] ← src[index[i]]` over flattened contiguous tensors; 0 where the index is negative.
    void take(Tensor dst, Tensor src, Tensor index);

    /// `dx ← beta·dx`, then `dx[index[i]] ← dx[index[i]] + dy[i]` in the order of `i`; the backward of [#take].
    void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta);

    /// `dst (N, C) ← beta·dst + table[ids[i]]` row by row; a negative id contributes nothing.
    void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta);

    /// `dtable ← beta·dtable`, then `dtable[ids[i]] ← dtable[ids[i]] + dy[i]` in the order of `i`; negative ids are
    /// skipped. The backward of [#gatherRows].
    void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta);

    // --- random numbers --------------------------------------------------------------------------------------------

    /// `dst[i] ← low + (high − low)·u`, `u` uniform in (0, 1]: [Philox#uniform] of element `i`, counted row by row.
    /// Here and in [#normal] the number is computed in double and rounded once, so that devices agree.
    void uniform(Tensor dst, double low, double high, RandomKey key);

    /// `dst[i] ← mean + deviation·z`, `z` standard normal: [Philox#normal] of element `i`.
    void normal(Tensor dst, double mean, double deviation, RandomKey key);

    /// `dst ← beta·dst + mask·src/(1 − p)`, where element `i` is kept if [Philox#word] of `i`, read as unsigned, is at
    /// least `p·2³²`. Forward and backward at once; in place if `beta = 0`.
    void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta);

    // --- elementwise -----------------------------------------------------------------------------------------------

    /// `dst ← alpha·src + beta·dst`.
    void axpby(Tensor dst, double alpha, Tensor src, double beta);

    /// `dst ← a + b`. In place if `dst` is `a` or `b`.
    void add(Tensor dst, Tensor a, Tensor b);

    /// `dst ← beta·dst + a∘b`, element by element.
    void multiply(Tensor dst, Tensor a, Tensor b, double beta);

    /// `dst ← beta·dst + factor·src`, `factor` a tensor of one element.
    void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta);

    /// `dst (N, C) ← src + bias`, `bias (C)` added to each row. In place if `dst` is `src`.
    void addBias(Tensor dst, Tensor src, Tensor bias);

    /// `dst ← f(src)`. In place allowed.
    void map(Tensor dst, Tensor src, UnaryFunction f);

    /// `dx ← beta·dx + dy∘f′(x)`. In place if `dx` is `dy` and `beta = 0`.
    void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta);

    // --- reductions ------------------------------------------------------------------------------------------------

    /// `dst (1) ← alpha·Σ src`.
    void sum(Tensor dst, Tensor src, double alpha);

    /// `dst (C) ← beta·dst + Σᵢ src[i]`, summing the rows of `src (N, C)`.
    void sumRows(Tensor dst, Tensor src, double beta);

    /// Sum of squares of all elements, accumulated in double. Waits for the device.
    double sumOfSquares(Tensor src);

    /// The sum of [#sumOfSquares(Tensor)] of each, in this order. Waits for the device once.
    default double sumOfSquares(List<Tensor> all) {
        double sum = 0;
        for (Tensor each : all) {
            sum += sumOfSquares(each);
        }
        return sum;
    }

    /// Index of the first largest element of each row: `dst (N) I32` from `src (N, C)`.
    void argmaxRows(Tensor dst, Tensor src);

    // --- matrix products -------------------------------------------------------------------------------------------

    /// `c (M, N) ← beta·c + alpha·op(a)·op(b)`, `op(a) (M, K)`, `op(b) (K, N)`; `op` transposes if the flag is set.
    void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta);

    // --- normalisation and softmax ---------------------------------------------------------------------------------

    /// `y ← (x − mean)·rstd·weight + bias` over each row, `mean = Σx/C`, `rstd = 1/√(Σ(x − mean)²/C + eps)`; keeps
    /// `mean (N)` and `rstd (N)`. `weight (C)` and `bias (C)` may be null.
    void layerNorm(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps);

    /// `dx ← beta·dx + rstd·(g − Σg/C − x̂·Σ(g∘x̂)/C)` with `g = dy∘weight`, `x̂ = (x − mean)·rstd`.
    void layerNormBackward(Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight, double beta);

    /// `dweight (C) ← beta·dweight + Σᵢ dy∘x̂`. (The bias' gradient is [#sumRows] of `dy`.)
    void layerNormWeightBackward(Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta);

    /// `y ← softmax(x)` over each row; row `i` sees columns `0 … i + visible` only, the others become 0. With
    /// `visible ≥ cols` every column is seen. In place allowed.
    void softmax(Tensor y, Tensor x, int visible);

    /// `dx ← beta·dx + y∘(dy − Σ(dy∘y))` over each row.
    void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta);

    // --- attention -------------------------------------------------------------------------------------------------

    /// `out ← softmax(scale·q·kᵀ + mask)·v` for each sequence and head. `q`, `out` `(N, C)` in rows of `queries`; `k`,
    /// `v` `(M, C)` in rows of `keys`; sequence `i` of `queries` attends to sequence `i` of `keys`. `lse (N, heads)`
    /// receives the logarithm of each softmax's denominator, or is null if no backward follows. A query that sees no
    /// key gets 0 and `lse = −∞`. Rows that no sequence owns are left alone. The scores are never stored as a whole.
    void attention(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys,
            AttentionSpec spec);

    /// Gradients of [#attention]: `d· ← beta·d· + …` for `dq`, `dk` and `dv` (each may be null). `out` and `lse` are
    /// what the forward computed; `delta (N, heads)` is scratch for the row sums of `dout∘out`. If `out` is null they
    /// come from the weights, for which a kernel may need room for all weights of some heads. Rows that no sequence
    /// owns are left alone; a row that is owned but sees nothing, or is seen by nothing, becomes `beta` times itself.
    void attentionBackward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out, Tensor lse, Tensor q,
            Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec, double beta);

    // --- losses ----------------------------------------------------------------------------------------------------

    /// Negative log-likelihood per row with label smoothing `ε`:
    /// `nll[i] ← (1 − ε)·(lse[i] − z[i, labels[i]]) + ε·(lse[i] − Σⱼz[i, j]/V)`, `lse[i] = ln Σⱼ exp z[i, j]`.
    /// A row with a negative label is not looked at: its `nll` and `lse` become 0. `logits (N, V)`.
    void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing);

    /// `dlogits ← beta·dlogits + dnll[i]·(softmax(z[i]) − (1 − ε)·onehot − ε/V)`, 0 for rows with a negative label.
    void crossEntropyBackward(Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels, double smoothing,
            double beta);

    /// [#crossEntropy] of `z = x·wᵀ`, `x (N, C)`, `w (V, C)`, without ever holding all logits: they are computed for as
    /// many rows at a time as `logits (chunk, V)`, a scratch tensor, has. If `dx (N, C)` is not null it becomes
    /// `scale·∂(Σ nll)/∂x` on the way, while a chunk is still warm.
    void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels, double smoothing,
            double scale, Tensor logits);

    /// `dw ← beta·dw + scale·factor·∂(Σ nll)/∂w` of [#linearCrossEntropy], recomputing the logits chunk by chunk;
    /// `factor` is a tensor of one element (the gradient that arrives at the loss).
    void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse, Tensor labels,
            double smoothing, double scale, Tensor logits, double beta);

    // --- optimizers ------------------------------------------------------------------------------------------------

    /// One update of `p` from `g` with first and second moments `m`, `v`; see [AdamStep]. `vMax` (AMSGrad: the largest
    /// `v` so far takes its place in the denominator) may be null.
    void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep step);

    /// One update of `p` from `g`; see [SgdStep]. `momentum` may be null if `step.momentum()` is 0.
    void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep step);
}
