package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.inspect.Inspection;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.stream.IntStream;

/// RoBERTa with its classification head: `logits = out_proj(drop(tanh(dense(drop(x₀)))))`, x₀ the last block's output
/// for the first token of each text. One label means regression.
public final class RobertaClassifier implements SequenceClassifier, Inspectable {
    private final RobertaConfig config;
    private final RobertaModel roberta;
    private final Projection dense;
    private final Projection outProj;

    /// Builds the model over `weights` (names as in Hugging Face's `RobertaForSequenceClassification`:
    /// `roberta.embeddings.word_embeddings.weight`, …).
    public RobertaClassifier(RobertaConfig config, Weights weights, Projections projections) {
        this.config = config;
        int C = config.hiddenSize();
        Initializer initializer = Initializer.normal(config.initializerRange());
        Weights classifier = weights.at("classifier");
        roberta = new RobertaModel(config, weights.at("roberta"), projections, null);
        dense = projections.create(classifier.at("dense"), C, C, WeightOrder.OUT_IN, initializer);
        outProj = projections.create(
                classifier.at("out_proj"), C, config.labels().size(), WeightOrder.OUT_IN, initializer);
    }

    public RobertaConfig config() {
        return config;
    }

    @Override
    public int labels() {
        return config.labels().size();
    }

    @Override
    public int maxPositions() {
        return config.maxPositions();
    }

    @Override
    public Activation logits(Tape tape, TokenBatch batch) {
        int[] rows = firstRows(batch);
        return head(tape, roberta.forward(tape, batch, rows, rows.length));
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
        Tensor rows = tape.ints(firstRows(batch));
        return roberta.inspect(
                pool, tape, batch, seen, hidden -> head(tape, SelectRows.apply(tape, hidden, rows)));
    }

    /// @param first `(sequences, C)`
    private Activation head(Tape tape, Variable first) {
        Variable x = Dropout.apply(tape, first, config.classifierDropout());
        Activation h = Elementwise.apply(tape, dense.forward(tape, x), UnaryFunction.TANH);          // (sequences, C)
        return outProj.forward(tape, Dropout.apply(tape, h, config.classifierDropout()));         // (sequences, labels)
    }

    private static int[] firstRows(TokenBatch batch) {
        Sequences texts = batch.sequences();
        for (int s = 0; s < texts.realCount(); s++) {
            if (texts.length(s) == 0) {
                throw new IllegalArgumentException("text %d of the batch has no token to classify".formatted(s));
            }
        }
        return IntStream.range(0, texts.realCount()).map(texts::start).toArray();
    }
}
