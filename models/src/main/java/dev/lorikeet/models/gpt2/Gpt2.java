package dev.lorikeet.models.gpt2;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.Recompute;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.inspect.InspectedAttention;
import dev.lorikeet.models.inspect.Inspection;
import dev.lorikeet.nn.Embedding;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// GPT-2 with its language-model head: `logits = ln_f(blocks(wte[ids] + wpe[positions]))·wteᵀ`.
public final class Gpt2 implements LanguageModel, Inspectable {
    private static final String WTE = "transformer.wte.weight";

    private final Gpt2Config config;
    private final Weights weights;
    private final Embedding wte;
    private final Embedding wpe;
    private final List<Gpt2Block> h = new ArrayList<>();
    private final LayerNorm lnF;
    private final Weight lmHead;

    /// Builds the model over `weights` (names as in Hugging Face's `GPT2LMHeadModel`: `transformer.wte.weight`, …).
    public Gpt2(Gpt2Config config, Weights weights, Projections projections) {
        this.config = config;
        this.weights = weights;
        Weights transformer = weights.at("transformer");
        Initializer initializer = Initializer.normal(config.initializerRange());
        // without the tie it is only looked up in, and is neither packed nor kept in bytes
        wte = projections.embedding(transformer.at("wte"), config.vocabSize(), config.nEmbd(),
                config.tieWordEmbeddings() ? WeightOrder.OUT_IN : null, initializer, -1);
        wpe = projections.embedding(transformer.at("wpe"), config.nPositions(), config.nEmbd(), null, initializer, -1);
        for (int i = 0; i < config.nLayer(); i++) {
            h.add(new Gpt2Block(config, transformer.at("h." + i), projections, i));
        }
        lnF = new LayerNorm(transformer.at("ln_f"), config.nEmbd(), config.layerNormEpsilon());
        lmHead = config.tieWordEmbeddings()
                ? weights.tied("lm_head.weight", wte.table(), WTE, () -> weights.store().get(
                        WTE, wte.table().shape(), initializer, WeightOrder.OUT_IN))
                : weights.get("lm_head.weight", wte.table().shape(), initializer, WeightOrder.OUT_IN);
    }

    public Gpt2Config config() {
        return config;
    }

    @Override
    public int vocabSize() {
        return config.vocabSize();
    }

    @Override
    public int maxPositions() {
        return config.nPositions();
    }

    @Override
    public LinearCrossEntropy.Result loss(Tape tape, TokenBatch batch, double smoothing, double scale) {
        Activation labelled = labelled(tape, batch);                                              // (M, C)
        return LinearCrossEntropy.apply(
                tape, lnF.forward(tape, labelled), lmHead, tape.ints(batch.targets()), smoothing, scale);
    }

    /// The rows that the loss looks at. Nothing else of the blocks is left when logits, the largest temporary, come.
    private Activation labelled(Tape tape, TokenBatch batch) {
        try (Frame frame = tape.frame()) {
            Variable hidden = blocks(tape, batch);                                                // (N, C)
            return frame.keep(SelectRows.apply(tape, hidden, tape.ints(batch.rows())));
        }
    }

    @Override
    public Activation logits(Tape tape, TokenBatch batch) {
        return head(tape, blocks(tape, batch));
    }

    /// What each part of the stack computes, as Hugging Face numbers it: entry 0 is the sum of the embeddings, entry
    /// `i` the output of block `i`, and the last entry the output of `ln_f` (the last block's own output is not in the
    /// list).
    @Override
    public List<Activation> hiddenStates(Tape tape, TokenBatch batch) {
        List<Activation> states = new ArrayList<>();
        Activation x = embed(tape, batch.ids(), batch.positions());
        for (Gpt2Block block : h) {
            states.add(x);
            x = block.forward(tape, x, batch.attend());
        }
        states.add(lnF.forward(tape, x));
        return states;
    }

    /// Heads and causality; the scale is the first block's.
    @Override
    public AttentionSpec attention() {
        return config.attention(0);
    }

    @Override
    public Inspection inspect(Pool pool, Tape tape, TokenBatch batch, boolean[] seen) {
        List<Variable> states = new ArrayList<>();
        List<Inspection.Layer> layers = new ArrayList<>();
        Activation x = embed(tape, batch.ids(), batch.positions());
        for (Gpt2Block block : h) {
            states.add(x);
            InspectedAttention inside = new InspectedAttention(pool, batch.sequences(), seen);
            x = block.forward(tape, x, inside);
            layers.add(inside.layer(x));
        }
        states.add(lnF.forward(tape, x));
        return new Inspection(states, layers, head(tape, x));
    }

    @Override
    public KeyValueCache cache(int sequences, int capacity) {
        return new KeyValueCache(
                weights.store().backend(), weights.store().compute(), config.nLayer(), sequences, capacity,
                config.nHead(), config.nEmbd());
    }

    @Override
    public Activation next(Tape tape, int[] ids, Sequences added, KeyValueCache cache) {
        int[] positions = new int[ids.length];
        int[] last = new int[added.count()];
        for (int s = 0; s < added.count(); s++) {
            for (int t = 0; t < added.length(s); t++) {
                positions[added.start(s) + t] = cache.length(s) + t;
            }
            last[s] = added.start(s) + added.length(s) - 1;
        }
        Activation x = embed(tape, ids, positions);
        Tensor rows = tape.ints(last);
        for (int i = 0; i < h.size(); i++) {
            x = i < h.size() - 1 || ids.length == last.length
                    ? h.get(i).forward(tape, x, cache.layer(i).after(added))
                    : h.get(i).forward(tape, x, cache.layer(i).after(added, rows));
        }
        cache.advance(added);
        return head(tape, x);                                                                     // (sequences, V)
    }

    private Variable blocks(Tape tape, TokenBatch batch) {
        batch.check(config.vocabSize(), config.nPositions());
        Variable x = Dropout.apply(tape, embed(tape, batch.ids(), batch.positions()), config.embdPdrop());
        for (Gpt2Block block : h) {
            x = Recompute.apply(
                    tape, x, (on, input) -> block.forward(on, input, batch.attend()));
        }
        return x;
    }

    private Activation embed(Tape tape, int[] ids, int[] positions) {
        return Embedding.sum(tape, List.of(wte, wpe), List.of(ids, positions));                      // (N, C)
    }

    private Activation head(Tape tape, Variable hidden) {
        return MatMul.apply(tape, lnF.forward(tape, hidden), false, lmHead, true);                // (N, V)
    }
}
