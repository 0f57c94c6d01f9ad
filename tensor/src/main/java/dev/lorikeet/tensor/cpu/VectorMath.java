package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Elementary functions on vectors of floats, correct to about one unit in the last place over the whole range,
/// infinities and NaN included; results below the smallest normal number may become 0, except those of [#exp].
///
/// The polynomials are minimax fits (least squares on Chebyshev nodes, reweighted until the errors level out). Limits
/// are applied by compare and blend, which, unlike `max` and `min`, costs two instructions and lets NaN pass.
///
/// C2 gives up inlining ordinary methods once it has parsed some fifty vector operations (`NodeCountInliningCutoff`),
/// and whatever it then calls gets its vectors in boxes. Hence no helper is called late: the exponentials are written
/// out, and loops over a function load and store through the Vector API's own methods, which are exempt.
final class VectorMath {
    private static final float LOG2_E = 0x1.715476p0f;
    /// `ln 2` in two parts; the first has few enough bits that `n·LN2_HIGH` is exact for every exponent `n`.
    private static final float LN2_HIGH = 0x1.62ep-1f;
    private static final float LN2_LOW = 0x1.0bfbe8p-15f;
    /// `1.5·2²³`: adding it rounds to an integer, which then stands in the low bits.
    private static final float ROUND = 0x1.8p23f;
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
    private static final int ONE_BITS = Float.floatToRawIntBits(1f);

    /// `eʳ ≈ 1 + r + E2·r² + … + E6·r⁶` for `|r| ≤ ln 2/2`, relative error 3·10⁻⁹ before rounding.
    private static final float E2 = 0x1.fffffcp-2f;
    private static final float E3 = 0x1.555492p-3f;
    private static final float E4 = 0x1.5558f2p-5f;
    private static final float E5 = 0x1.1239e2p-7f;
    private static final float E6 = 0x1.6a2434p-10f;

    private VectorMath() {}

    /// `eˣ = 2ⁿ·eʳ`, `n = ⌊x/ln 2⌉`, `|r| ≤ ln 2/2`.
    static FloatVector exp(FloatVector x) {
        // Beyond the limits the result is 0 or infinite anyway; they keep n within two exponents.
        FloatVector z = x.blend(89f, x.compare(VectorOperators.GT, 89f));
        z = z.blend(-104f, z.compare(VectorOperators.LT, -104f));
        FloatVector shifted = z.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), z);
        r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(F, E6), FloatVector.broadcast(F, E5));
        p = p.fma(r, FloatVector.broadcast(F, E4));
        p = p.fma(r, FloatVector.broadcast(F, E3));
        p = p.fma(r, FloatVector.broadcast(F, E2));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        // 2ⁿ in two factors: one would overflow for n = 128 and could not make a subnormal number.
        IntVector k = shifted.reinterpretAsInts().sub(ROUND_BITS);
        IntVector half = k.lanewise(VectorOperators.ASHR, 1);
        IntVector rest = k.sub(half);
        p = p.mul(half.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
        return p.mul(rest.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
    }

    /// [#exp] for `x ≤ 0`, where results below `2⁻¹²⁶` become 0: for softmax and the sigmoid family.
    static FloatVector expOfNegative(FloatVector x) {
        FloatVector z = x.blend(-87.5f, x.compare(VectorOperators.LT, -87.5f));
        FloatVector shifted = z.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), z);
        r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(F, E6), FloatVector.broadcast(F, E5));
        p = p.fma(r, FloatVector.broadcast(F, E4));
        p = p.fma(r, FloatVector.broadcast(F, E3));
        p = p.fma(r, FloatVector.broadcast(F, E2));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(ONE_BITS);
        return p.mul(power.reinterpretAsFloats()).blend(0f, x.compare(VectorOperators.LT, -87.3f));
    }

    /// `2ˣ` for `x ≤ 0`, 0 below `2⁻¹²⁶`. Attention works with base 2: the factor `log₂e` goes into its scale.
    static FloatVector exp2OfNegative(FloatVector x) {
        FloatVector z = x.blend(-126f, x.compare(VectorOperators.LT, -126f));
        FloatVector shifted = z.add(ROUND);
        FloatVector r = z.sub(shifted.sub(ROUND));
        FloatVector p = r.fma(FloatVector.broadcast(F, 0x1.41fbb8p-13f), FloatVector.broadcast(F, 0x1.5f3e58p-10f));
        p = p.fma(r, FloatVector.broadcast(F, 0x1.3b2d4cp-7f));
        p = p.fma(r, FloatVector.broadcast(F, 0x1.c6aee8p-5f));
        p = p.fma(r, FloatVector.broadcast(F, 0x1.ebfbdcp-3f));
        p = p.fma(r, FloatVector.broadcast(F, 0x1.62e43p-1f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(ONE_BITS);
        FloatVector y = p.mul(power.reinterpretAsFloats());
        return y.blend(0f, x.compare(VectorOperators.LT, -126f));
    }

    /// `1/(1 + e⁻ˣ)`, for negative `x` as `eˣ/(1 + eˣ)` so that nothing overflows.
    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expOfNegative(x.abs().neg());
        FloatVector upper = FloatVector.broadcast(F, 1f).div(e.add(1f));
        return upper.blend(upper.mul(e), x.compare(VectorOperators.LT, 0f));
    }

    /// `tanh x`: an odd polynomial near 0, `±(1 − e)/(1 + e)` with `e = e^−2|x|` elsewhere.
    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector e = expOfNegative(a.mul(-2f));
        FloatVector large = FloatVector.broadcast(F, 1f).sub(e).div(e.add(1f));
        FloatVector s = x.mul(x);
        FloatVector p = s.fma(FloatVector.broadcast(F, -0x1.9b3048p-8f), FloatVector.broadcast(F, 0x1.593d08p-6f));
        p = p.fma(s, FloatVector.broadcast(F, -0x1.b9287ap-5f));
        p = p.fma(s, FloatVector.broadcast(F, 0x1.110d26p-3f));
        p = p.fma(s, FloatVector.broadcast(F, -0x1.55554ap-2f));
        FloatVector small = p.mul(s).fma(x, x);
        // A negated large value is the right sign for negative x; NaN fails both comparisons and stays NaN in `large`.
        FloatVector signed = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
        return signed.blend(small, a.compare(VectorOperators.LT, 0.55f));
    }

    /// `e^(−x²/2)`, with the rounding error of `x²` put back: without it the error would grow with `x²`.
    static FloatVector expOfMinusHalfSquare(FloatVector x) {
        FloatVector a = x.blend(100f, x.abs().compare(VectorOperators.GT, 100f));   // x² must not overflow
        FloatVector square = a.mul(a);
        FloatVector e = expOfNegative(square.mul(-0.5f));
        FloatVector lost = a.fma(a, square.neg());
        return e.mul(lost).fma(FloatVector.broadcast(F, -0.5f), e);
    }

    /// The normal distribution function `Φ(x)`, given `e = e^(−x²/2)`: `Φ(−|x|) = e·(c₁t + … + c₉t⁹)`,
    /// `t = 1/(1 + 0.35|x|)`. The relative error is small in the far tail, too, where `1 + erf` would cancel.
    static FloatVector normalCdf(FloatVector x, FloatVector e) {
        FloatVector a = x.abs();
        FloatVector t = FloatVector.broadcast(F, 1f)
                .div(a.fma(FloatVector.broadcast(F, 0.35f), FloatVector.broadcast(F, 1f)));
        FloatVector p = t.fma(FloatVector.broadcast(F, -0x1.dd86ep-6f), FloatVector.broadcast(F, 0x1.26daap-3f));
        p = p.fma(t, FloatVector.broadcast(F, -0x1.05d9f2p-2f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.45fd12p-3f));
        p = p.fma(t, FloatVector.broadcast(F, -0x1.7aa17cp-6f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.b02924p-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.ead5ep-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.1e6fe6p-3f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.1df1d4p-3f));
        FloatVector lower = p.mul(t).mul(e);
        return lower.blend(lower.neg().add(1f), x.compare(VectorOperators.GT, 0f));
    }
}
