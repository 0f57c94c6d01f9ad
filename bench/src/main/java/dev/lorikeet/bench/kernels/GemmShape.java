package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Work;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `C (M, N) = op(A) (M, K) · op(B) (K, N)`.
///
/// @param use what the product is for, such as `gpt2 c_attn forward`
/// @param m   rows of C
/// @param k   inner extent
/// @param n   columns of C
/// @param ta  A is stored as (K, M)
/// @param tb  B is stored as (N, K)
public record GemmShape(String use, int m, int k, int n, boolean ta, boolean tb) {
    /// `x·W` with W stored as (in, out): GPT-2's forward, RoBERTa's input gradient.
    public static GemmShape nn(String use, int m, int k, int n) {
        return new GemmShape(use, m, k, n, false, false);
    }

    /// `x·Wᵀ` with W stored as (out, in): RoBERTa's forward, GPT-2's input gradient, the head.
    public static GemmShape nt(String use, int m, int k, int n) {
        return new GemmShape(use, m, k, n, false, true);
    }

    /// `xᵀ·dy`: gradients of weights.
    public static GemmShape tn(String use, int m, int k, int n) {
        return new GemmShape(use, m, k, n, true, false);
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException if `text` does not look like `1024x768x2304 NN`
    public static GemmShape parse(String text) {
        Matcher matcher = Pattern.compile("(\\d+)x(\\d+)x(\\d+) ([NT])([NT])").matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a product is written MxKxN and NN, NT, TN or TT, found '" + text + "'");
        }
        return new GemmShape(text, Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)), matcher.group(4).equals("T"), matcher.group(5).equals("T"));
    }

    /// As BLAS writes it: `NT`, each letter N for an operand as it is and T for a transposed one.
    public String layout() {
        return (ta ? "T" : "N") + (tb ? "T" : "N");
    }

    /// `1024x768x2304 NN`: M, K, N and the layout.
    @Override
    public String toString() {
        return "%dx%dx%d %s".formatted(m, k, n, layout());
    }

    /// Multiply-adds, and each operand once.
    public Work work() {
        return Work.of(2.0 * m * k * n, 4.0 * ((double) m * k + (double) k * n + (double) m * n));
    }
}
