package dev.lorikeet.nn.optim;

/// Settings of [Sgd].
///
/// @param momentum  factor of the past updates
/// @param dampening what the gradient loses before it enters the momentum
/// @param nesterov  look ahead along the momentum
public record SgdConfig(double momentum, double dampening, boolean nesterov) {
    public SgdConfig {
        if (nesterov && (momentum <= 0 || dampening != 0)) {
            throw new IllegalArgumentException("Nesterov momentum needs momentum > 0 and no dampening");
        }
    }

    /// Plain gradient descent.
    public static SgdConfig plain() {
        return new SgdConfig(0, 0, false);
    }
}
