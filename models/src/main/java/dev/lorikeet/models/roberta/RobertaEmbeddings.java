package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Embedding;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;

/// `drop(LayerNorm(word[id] + position[p] + type[0]))`.
///
/// The rows of the padding token in the word and position tables are looked up like any other, but get no gradient from
/// it (`padding_idx` of PyTorch's `Embedding`).
final class RobertaEmbeddings {
    private final Weight wordEmbeddings;
    private final Weight positionEmbeddings;
    private final Weight tokenTypeEmbeddings;
    private final LayerNorm layerNorm;
    private final int padding;
    private final double dropout;

    /// @param order of the word table if a head multiplies by it, null if it is only looked up in
    RobertaEmbeddings(RobertaConfig config, Weights at, WeightOrder order) {
        Initializer initializer = Initializer.normal(config.initializerRange());
        int C = config.hiddenSize();
        wordEmbeddings = at.get("word_embeddings.weight", Shape.of(config.vocabSize(), C), initializer, order);
        positionEmbeddings = at.get(
                "position_embeddings.weight", Shape.of(config.maxPositionEmbeddings(), C), initializer);
        tokenTypeEmbeddings = at.get(
                "token_type_embeddings.weight", Shape.of(config.typeVocabSize(), C), initializer);
        layerNorm = new LayerNorm(at.at("LayerNorm"), C, config.layerNormEps());
        padding = config.padTokenId();
        dropout = config.hiddenDropout();
    }

    Weight wordEmbeddings() {
        return wordEmbeddings;
    }

    /// @return `(N, C)`
    Variable forward(Tape tape, int[] ids, int[] positions) {
        Tensor types = tape.ints(new int[ids.length]);
        Activation sum = Arrays.stream(ids).anyMatch(id -> id == padding)
                ? Embedding.apply(
                        tape,
                        new Variable[] {
                            wordEmbeddings, tape.constant(wordEmbeddings.value()),
                            positionEmbeddings, tape.constant(positionEmbeddings.value()), tokenTypeEmbeddings
                        },
                        new Tensor[] {
                            text(tape, ids), padding(tape, ids), text(tape, positions), padding(tape, positions), types
                        })
                : Embedding.apply(
                        tape,
                        new Variable[] {wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings},
                        new Tensor[] {tape.ints(ids), tape.ints(positions), types});
        return Dropout.apply(tape, layerNorm.forward(tape, sum), dropout);
    }

    private Tensor text(Tape tape, int[] rows) {
        return tape.ints(Arrays.stream(rows).map(row -> row == padding ? -1 : row).toArray());
    }

    private Tensor padding(Tape tape, int[] rows) {
        return tape.ints(Arrays.stream(rows).map(row -> row == padding ? row : -1).toArray());
    }
}
