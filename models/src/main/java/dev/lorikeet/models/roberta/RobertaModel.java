package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Recompute;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.models.Encoder;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.inspect.InspectedAttention;
import dev.lorikeet.models.inspect.Inspection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// The encoder that all of RoBERTa's heads stand on: embeddings and a stack of blocks over ragged rows.
final class RobertaModel implements Encoder {
    private final RobertaConfig config;
    private final RobertaEmbeddings embeddings;
    private final List<RobertaLayer> layers = new ArrayList<>();

    /// @param at    the scope `roberta`
    /// @param order of the word table if a head multiplies by it, null if it is only looked up in
    RobertaModel(RobertaConfig config, Weights at, Projections projections, WeightOrder order) {
        this.config = config;
        embeddings = new RobertaEmbeddings(config, at.at("embeddings"), projections, order);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new RobertaLayer(config, at.at("encoder.layer." + i), projections));
        }
    }

    AttentionSpec attention() {
        return layers.getFirst().attention();
    }

    Weight wordEmbeddings() {
        return embeddings.wordEmbeddings();
    }

    @Override
    public int width() {
        return config.hiddenSize();
    }

    @Override
    public int maxPositions() {
        return config.maxPositions();
    }

    @Override
    public Activation forward(Tape tape, TokenBatch batch) {
        return Recompute.apply(tape, belowLast(tape, batch), (on, input) ->
                layers.getLast().forward(on, input, batch.attend()));
    }

    @Override
    public Activation forward(Tape tape, TokenBatch batch, int[] rows, int realCount) {
        if (batch.isIndivisible()) {
            return SelectRows.apply(tape, forward(tape, batch), tape.ints(rows));
        }
        Variable x = belowLast(tape, batch);
        SelectedRows chosen = SelectedRows.of(tape, rows, realCount, batch.sequences());
        return Recompute.apply(tape, x, (on, input) ->
                layers.getLast().forward(on, input, chosen));
    }

    private Variable belowLast(Tape tape, TokenBatch batch) {
        Variable x = embed(tape, batch);
        for (RobertaLayer layer : layers.subList(0, layers.size() - 1)) {
            x = Recompute.apply(
                    tape, x, (on, input) -> layer.forward(on, input, batch.attend()));
        }
        return x;
    }

    /// What each part of the stack computes: entry 0 is the embeddings after their layer norm, entry `i` the output of
    /// block `i − 1`.
    List<Variable> hiddenStates(Tape tape, TokenBatch batch) {
        List<Variable> states = new ArrayList<>(List.of(embed(tape, batch)));
        for (RobertaLayer layer : layers) {
            states.add(layer.forward(tape, states.getLast(), batch.attend()));
        }
        return states;
    }

    /// A forward pass with everything in it in view; its hidden states are those of [#hiddenStates].
    ///
    /// @param pool the memory that `tape` uses
    /// @param seen for each row whether others may attend to it
    /// @param head makes logits of the last block's output
    Inspection inspect(
            Pool pool, Tape tape, TokenBatch batch, boolean[] seen, UnaryOperator<Activation> head) {
        List<Variable> states = new ArrayList<>(List.of(embed(tape, batch)));
        List<Inspection.Layer> inside = new ArrayList<>();
        for (RobertaLayer layer : layers) {
            InspectedAttention attention = new InspectedAttention(pool, batch.sequences(), seen);
            Activation output = layer.forward(tape, states.getLast(), attention);
            inside.add(attention.layer(output));
            states.add(output);
        }
        return new Inspection(states, inside, head.apply(inside.getLast().output()));
    }

    private Variable embed(Tape tape, TokenBatch batch) {
        batch.check(config.vocabSize(), config.maxPositions());
        int[] positions = RobertaPositions.of(batch.ids(), batch.sequences(), config.padTokenId());
        return embeddings.forward(tape, batch.ids(), positions);
    }
}
