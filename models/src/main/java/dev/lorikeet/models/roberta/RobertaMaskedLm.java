package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.CrossEntropy;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.inspect.Inspection;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;

/// RoBERTa with the head it is pretrained with: `logits = layer_norm(gelu(dense(x)))·word_embeddingsᵀ + bias`. Row `t`
/// predicts what token `t` was before it was hidden.
public final class RobertaMaskedLm implements TokenPredictor, Inspectable {
    private static final String WORDS = "roberta.embeddings.word_embeddings.weight";

    private final RobertaConfig config;
    private final RobertaModel roberta;
    private final Projection dense;
    private final LayerNorm layerNorm;
    private final Weight decoder;
    private final Weight bias;

    /// Builds the model over `weights` (names as in Hugging Face's `RobertaForMaskedLM`).
    public RobertaMaskedLm(RobertaConfig config, Weights weights, Projections projections) {
        this.config = config;
        int C = config.hiddenSize();
        Initializer initializer = Initializer.normal(config.initializerRange());
        Weights head = weights.at("lm_head");
        roberta = new RobertaModel(config, weights.at("roberta"), projections,
                config.tieWordEmbeddings() ? WeightOrder.OUT_IN : null);
        dense = projections.create(head.at("dense"), C, C, WeightOrder.OUT_IN, initializer);
        layerNorm = new LayerNorm(head.at("layer_norm"), C, config.layerNormEps());
        decoder = config.tieWordEmbeddings()
                ? head.tied("decoder.weight", roberta.wordEmbeddings(), WORDS, () -> weights.store().get(
                        WORDS, Shape.of(config.vocabSize(), C), initializer,
                        WeightOrder.OUT_IN))
                : head.get("decoder.weight", Shape.of(config.vocabSize(), C), initializer, WeightOrder.OUT_IN);
        bias = head.get("bias", Shape.of(config.vocabSize()), Initializer.zeros());
        head.repeats("decoder.bias", "bias");
    }

    public RobertaConfig config() {
        return config;
    }

    @Override
    public int vocabSize() {
        return config.vocabSize();
    }

    @Override
    public int maxPositions() {
        return config.maxPositions();
    }

    /// The logits of the labelled rows exist as a whole, unlike a language model's: hidden tokens are few.
    @Override
    public LinearCrossEntropy.Result loss(Tape tape, TokenBatch batch, double smoothing, double scale) {
        Activation labelled = roberta.forward(tape, batch, batch.rows(), batch.labelled());       // (M, C)
        Activation nll = CrossEntropy.apply(
                tape, head(tape, labelled), tape.ints(batch.targets()), smoothing);               // (M)
        return new LinearCrossEntropy.Result(Sum.apply(tape, nll, scale), nll);
    }

    /// Logits of every row of a batch, `(N, V)`.
    public Activation logits(Tape tape, TokenBatch batch) {
        return head(tape, roberta.forward(tape, batch));
    }

    /// The embeddings after their layer norm, then the output of each block.
    @Override
    public List<Variable> hiddenStates(Tape tape, TokenBatch batch) {
        return roberta.hiddenStates(tape, batch);
    }

    @Override
    public AttentionSpec attention() {
        return roberta.attention();
    }

    @Override
    public Inspection inspect(Pool pool, Tape tape, TokenBatch batch, boolean[] seen) {
        return roberta.inspect(pool, tape, batch, seen, hidden -> head(tape, hidden));
    }

    private Activation head(Tape tape, Variable hidden) {
        Activation h = Elementwise.apply(tape, dense.forward(tape, hidden), UnaryFunction.GELU_ERF);
        return Linear.apply(tape, layerNorm.forward(tape, h), decoder, bias, WeightOrder.OUT_IN);
    }
}
