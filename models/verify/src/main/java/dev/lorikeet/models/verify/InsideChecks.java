package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.inspect.Inspection;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// What lies between a model's embeddings and its logits: hidden states, attention probabilities, keys and values.
///
/// Each is compared as the ragged batch has it, padding left out, and as the step-by-step pass over the padded batch
/// has it, padding included: a padded place attends to the text that it would see, nobody attends to it.
final class InsideChecks {
    private static final String STEPS = "padded, step by step";

    private final GoldenCase golden;
    private final Pool pool;
    private final PaddedTokens tokens;

    InsideChecks(GoldenCase golden, Pool pool, PaddedTokens tokens) {
        this.golden = golden;
        this.pool = pool;
        this.tokens = tokens;
    }

    void check(Inspectable model) {
        ragged(model);
        stepByStep(model);
    }

    private void ragged(Inspectable model) {
        try (Tape tape = Tape.inference(pool)) {
            List<? extends Variable> states = model.hiddenStates(tape, tokens.batch());
            for (int i = 0; i < states.size(); i++) {
                if (golden.has("hidden_states." + i)) {
                    int C = states.get(i).value().cols();
                    double[] rows = HostValues.doubles(pool.backend(), states.get(i).value());
                    golden.check("hidden_states." + i, "ragged", tokens.spread(rows, C), tokens.absent(C));
                }
            }
        }
    }

    /// The cache that generation uses, filled with the prompt; it numbers the tokens of a row from 0.
    void cached(Gpt2 model) {
        TokenBatch batch = tokens.batch();
        boolean numbered = true;
        for (int row = 0, s = 0; s < tokens.count(); row += batch.sequences().length(s++)) {
            for (int t = 0; t < batch.sequences().length(s); t++) {
                numbered &= batch.positions()[row + t] == t;
            }
        }
        if (!golden.has("cache.0.key") || !numbered) {
            return;
        }
        try (KeyValueCache cache = model.cache(tokens.count(), tokens.length()); Tape tape = Tape.inference(pool)) {
            model.next(tape, batch.ids(), batch.sequences(), cache);
            for (int i = 0; i < model.config().nLayer(); i++) {
                slots("cache." + i + ".key", cache.layer(i).keys(), model);
                slots("cache." + i + ".value", cache.layer(i).values(), model);
            }
        }
    }

    private void stepByStep(Inspectable model) {
        try (Tape tape = Tape.inference(pool)) {
            Inspection inside = model.inspect(pool, tape, tokens.everything(), tokens.flags());
            boolean[] blind = tokens.blind(model.attention().causal());
            for (int i = 0; i < inside.hiddenStates().size(); i++) {
                // what goes into the first block depends on no other place
                places("hidden_states." + i, inside.hiddenStates().get(i).value(), blind);
            }
            // a classifier has logits for the first place of each text
            places("logits", inside.logits().value(), blind);
            for (int i = 0; i < inside.layers().size(); i++) {
                Inspection.Layer layer = inside.layers().get(i);
                heads("cache." + i + ".key", layer.keys(), model.attention().heads(), blind);
                heads("cache." + i + ".value", layer.values(), model.attention().heads(), blind);
                probabilities("attentions." + i, layer, model.attention().heads(), blind);
            }
        }
    }

    /// @param blind places of the padded batch that see nothing
    private void places(String tensor, Tensor rows, boolean[] blind) {
        if (!golden.has(tensor)) {
            return;
        }
        double[] actual = HostValues.doubles(pool.backend(), rows);
        boolean[] undefined = new boolean[actual.length];
        int every = blind.length / rows.rows();
        for (int i = 0; i < actual.length; i++) {
            undefined[i] = blind[i / rows.cols() * every];
        }
        golden.check(tensor, STEPS, actual, undefined);
    }

    /// A cache with room for `T` tokens, `(B·H·T, d)`: `(B, H, T, d)` already.
    private void slots(String tensor, Tensor rows, Gpt2 model) {
        if (!golden.has(tensor)) {
            return;
        }
        int T = tokens.length();
        int perSequence = T * model.config().nEmbd();
        boolean[] padding = tokens.absent(1);
        double[] actual = HostValues.doubles(pool.backend(), rows);
        boolean[] undefined = new boolean[actual.length];
        for (int i = 0; i < undefined.length; i++) {
            undefined[i] = padding[i / perSequence * T + i / rows.cols() % T];
        }
        golden.check(tensor, "cache", actual, undefined);
    }

    /// `(B·T, H·d)` as `(B, H, T, d)`.
    ///
    /// @param left places that are left out
    private void heads(String tensor, double[] flat, int H, boolean[] left) {
        if (!golden.has(tensor)) {
            return;
        }
        int C = flat.length / left.length;
        int d = C / H;
        int T = tokens.length();
        double[] actual = new double[flat.length];
        boolean[] undefined = new boolean[flat.length];
        for (int i = 0; i < flat.length; i++) {
            int place = i / C;
            int to = ((place / T * H + i % C / d) * T + place % T) * d + i % d;
            actual[to] = flat[i];
            undefined[to] = left[place];
        }
        golden.check(tensor, STEPS, actual, undefined);
    }

    private void probabilities(String tensor, Inspection.Layer layer, int heads, boolean[] blind) {
        if (!golden.has(tensor)) {
            return;
        }
        int T = tokens.length();
        double[] actual = layer.probabilities().stream().flatMapToDouble(Arrays::stream).toArray();
        boolean[] undefined = new boolean[actual.length];
        for (int i = 0; i < undefined.length; i++) {
            int s = i / (heads * T * T);
            undefined[i] = blind[s * T + i / T % T];
        }
        golden.check(tensor, STEPS, actual, undefined);
    }
}
