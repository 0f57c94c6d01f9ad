package dev.lorikeet.models.roberta;

import dev.lorikeet.tensor.Sequences;

/// RoBERTa's position ids: `padding + running count of tokens that are not padding`; padding tokens get `padding`
/// itself (`create_position_ids_from_input_ids` of transformers). They depend on the ids, not on an attention mask:
/// padding inside of a text does not advance the count.
///
/// A table of `max_position_embeddings` rows therefore serves texts of `max_position_embeddings − padding − 1` tokens.
public final class RobertaPositions {
    private RobertaPositions() {}

    /// The positions of the tokens of some texts.
    ///
    /// @param ids     the tokens of all texts
    /// @param texts   where each lies
    /// @param padding id of the padding token
    public static int[] of(int[] ids, Sequences texts, int padding) {
        int[] positions = new int[ids.length];
        for (int s = 0; s < texts.count(); s++) {
            int count = 0;
            for (int i = texts.start(s); i < texts.start(s) + texts.length(s); i++) {
                positions[i] = ids[i] == padding ? padding : padding + ++count;
            }
        }
        return positions;
    }
}
