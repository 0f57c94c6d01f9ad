package dev.lorikeet.models.metric.nlg;

/// A stretch of the hypothesis that says what a stretch of the reference says.
///
/// @param start     in the hypothesis
/// @param length    in words
/// @param other     where it starts in the reference
/// @param otherSize in words
/// @param stage     how it was found
record MeteorMatch(int start, int length, int other, int otherSize, Stage stage) {
    /// Each with its weight, in the order in which they are tried.
    enum Stage {
        EXACT(1.0), STEM(0.6), SYNONYM(0.8), PARAPHRASE(0.6);

        final double weight;

        Stage(double weight) {
            this.weight = weight;
        }
    }
}
