package dev.lorikeet.models.train;

/// Held-out loss.
///
/// @param nll    summed negative log-likelihood of all labelled tokens, in nats
/// @param tokens number of labelled tokens
/// @param bytes  UTF-8 bytes that those tokens stand for
public record Evaluation(double nll, long tokens, long bytes) {
    /// Mean loss per token, in nats.
    public double loss() {
        return nll / tokens;
    }

    /// `exp(loss)`.
    public double perplexity() {
        return Math.exp(loss());
    }

    /// Bits per byte of text: comparable between tokenizers.
    public double bitsPerByte() {
        return nll / Math.log(2) / bytes;
    }

    /// The evaluation of both parts together.
    public Evaluation plus(Evaluation other) {
        return new Evaluation(nll + other.nll, tokens + other.tokens, bytes + other.bytes);
    }
}
