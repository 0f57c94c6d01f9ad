package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Work;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `C (M, N) = op(A) (M, K) · op(B) (K, N)`.
///
/// @param use   what the product is for, such as `gpt2 c_attn forward`
/// @param m     rows of C
/// @param k     inner extent
/// @param n     columns of C
/// @param ta    A is stored as (K, M)
/// @param tb    B is stored as (N, K)
/// @param right what B is
public record GemmShape(String use, int m, int k, int n, boolean ta, boolean tb, Right right) {
    private static final Pattern TEXT =
            Pattern.compile("(\\d+)x(\\d+)x(\\d+) ([NT])([NT])(?: (forward|gradient))?");

    /// What B is: only a frozen weight is the same from call to call, and so may be packed beforehand.
    public enum Right {
        /// Any matrix.
        OPERAND,
        /// A frozen weight in the direction of its projection, `y = x·W`.
        FORWARD,
        /// The same weight in the direction of the gradient, `dx = dy·Wᵀ`.
        GRADIENT
    }

    /// `op(A)·B`, both operands of any kind.
    public static GemmShape nn(String use, int m, int k, int n) {
        return new GemmShape(use, m, k, n, false, false, Right.OPERAND);
    }

    /// `op(A)·Bᵀ`, both operands of any kind.
    public static GemmShape nt(String use, int m, int k, int n) {
        return new GemmShape(use, m, k, n, false, true, Right.OPERAND);
    }

    /// `xᵀ·dy`: gradients of weights.
    public static GemmShape tn(String use, int m, int k, int n) {
        return new GemmShape(use, m, k, n, true, false, Right.OPERAND);
    }

    /// The same product with a frozen weight that is read in its projection's direction: NN where W is stored as
    /// (in, out) as GPT-2's are, NT where it is stored as (out, in).
    public GemmShape forward() {
        return new GemmShape(use + " forward", m, k, n, ta, tb, Right.FORWARD);
    }

    /// The same product with a frozen weight that is read in the direction of the gradient: NT where W is stored as
    /// (in, out), NN where it is stored as (out, in).
    public GemmShape gradient() {
        return new GemmShape(use + " gradient", m, k, n, ta, tb, Right.GRADIENT);
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException if `text` does not look like `1024x768x2304 NN forward`
    public static GemmShape parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a product is written MxKxN and NN, NT, TN or TT, followed by forward or"
                    + " gradient if B is a frozen weight; found '" + text + "'");
        }
        return new GemmShape(text, Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)), matcher.group(4).equals("T"), matcher.group(5).equals("T"),
                matcher.group(6) == null ? Right.OPERAND : Right.valueOf(matcher.group(6).toUpperCase(Locale.ROOT)));
    }

    /// As BLAS writes it: `NT`, each letter N for an operand as it is and T for a transposed one.
    public String layout() {
        return (ta ? "T" : "N") + (tb ? "T" : "N");
    }

    /// Whether the rows of B as stored are outputs of the projection that it is the weight of.
    boolean rowsAreOutputs() {
        return tb == (right == Right.FORWARD);
    }

    /// `1024x768x2304 NN`: M, K, N and the layout; and ` forward` or ` gradient` if B is a frozen weight.
    @Override
    public String toString() {
        String direction = right == Right.OPERAND ? "" : " " + right.name().toLowerCase(Locale.ROOT);
        return "%dx%dx%d %s%s".formatted(m, k, n, layout(), direction);
    }

    /// Multiply-adds, and each operand once.
    public Work work() {
        return Work.of(2.0 * m * k * n, 4.0 * ((double) m * k + (double) k * n + (double) m * n));
    }
}
