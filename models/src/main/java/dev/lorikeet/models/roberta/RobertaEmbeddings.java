package dev.lorikeet.models.roberta;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Embedding;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.LayerNorm;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import java.util.List;

/// `drop(LayerNorm(word[id] + position[p] + type[0]))`.
///
/// The rows of the padding token in the word and position tables are looked up like any other, but get no gradient from
/// it (`padding_idx` of PyTorch's `Embedding`).
final class RobertaEmbeddings {
    private final Embedding wordEmbeddings;
    private final Embedding positionEmbeddings;
    private final Embedding tokenTypeEmbeddings;
    private final LayerNorm layerNorm;
    private final double dropout;

    /// @param order of the word table if a head multiplies by it, null if it is only looked up in
    RobertaEmbeddings(RobertaConfig config, Weights at, Projections projections, WeightOrder order) {
        Initializer initializer = Initializer.normal(config.initializerRange());
        int C = config.hiddenSize();
        int padding = config.padTokenId();
        wordEmbeddings = projections.embedding(
                at.at("word_embeddings"), config.vocabSize(), C, order, initializer, padding);
        positionEmbeddings = projections.embedding(
                at.at("position_embeddings"), config.maxPositionEmbeddings(), C, null, initializer, padding);
        tokenTypeEmbeddings = projections.embedding(
                at.at("token_type_embeddings"), config.typeVocabSize(), C, null, initializer, -1);
        layerNorm = new LayerNorm(at.at("LayerNorm"), C, config.layerNormEps());
        dropout = config.hiddenDropout();
    }

    Weight wordEmbeddings() {
        return wordEmbeddings.table();
    }

    /// @return `(N, C)`
    Variable forward(Tape tape, int[] ids, int[] positions) {
        Variable sum = Embedding.sum(
                tape, List.of(wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings),
                List.of(ids, positions, new int[ids.length]));
        return Dropout.apply(tape, layerNorm.forward(tape, sum), dropout);
    }
}
