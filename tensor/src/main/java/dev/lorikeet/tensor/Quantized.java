package dev.lorikeet.tensor;

/// A matrix quantized to a type of fewer bits, and the error of that.
///
/// @param matrix      the matrix, in memory of its own
/// @param squares     sum of squares of the numbers
/// @param lostSquares sum of squares of the differences; not finite if the type cannot hold a number
public record Quantized(Tensor matrix, double squares, double lostSquares) {
    /// `wide`, F32, in BF16 or F16. [Int8] is the way to fewer bits.
    public static Quantized to(DType half, Backend backend, Tensor wide) {
        Kernels kernels = backend.kernels();
        Tensor narrow = backend.allocate(half, wide.shape());
        kernels.copy(narrow, wide);
        Tensor difference = backend.allocate(DType.F32, wide.shape());
        kernels.copy(difference, narrow);
        kernels.axpby(difference, 1, wide, -1);
        Quantized quantized = new Quantized(narrow, kernels.sumOfSquares(wide), kernels.sumOfSquares(difference));
        backend.free(difference.storage());
        return quantized;
    }

    /// `‖W − Ŵ‖/‖W‖`.
    public double relativeLoss() {
        return squares == 0 ? 0 : Math.sqrt(lostSquares / squares);
    }
}
