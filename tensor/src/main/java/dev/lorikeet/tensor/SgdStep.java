package dev.lorikeet.tensor;

/// The numbers of one step of stochastic gradient descent:
///
/// ```text
/// g ← gradScale·g + l2·p
/// b ← g on the first step, momentum·b + (1 − dampening)·g afterwards
/// p ← p − lr·(nesterov ? g + momentum·b : b)
/// ```
///
/// @param first true on the first step, when the momentum buffer has no content yet
public record SgdStep(
        double lr, double momentum, double dampening, boolean nesterov, double l2, double gradScale, boolean first) {}
