package dev.lorikeet.models.train;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Held-out loss of a model that predicts tokens.
///
/// @param nll    summed negative log-likelihood of all labelled tokens, in nats
/// @param tokens number of labelled tokens
/// @param bytes  UTF-8 bytes that those tokens stand for
public record LanguageEvaluation(double nll, long tokens, long bytes) implements Evaluation {
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

    /// The lower the loss, the better.
    @Override
    public double score() {
        return -loss();
    }

    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", loss());
        figures.put("perplexity", perplexity());
        figures.put("bits_per_byte", bitsPerByte());
        figures.put("tokens", (double) tokens);
        return figures;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "held-out loss %.4f nats per token, perplexity %.3f, %.4f bits per byte",
                loss(), perplexity(), bitsPerByte());
    }
}
