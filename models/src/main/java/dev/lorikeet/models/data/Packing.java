package dev.lorikeet.models.data;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.List;

/// Packs examples into one ragged batch: their rows follow each other without padding. An example's last id is no row,
/// since nothing is left for it to predict.
final class Packing {
    private Packing() {
    }

    static Packer<TokenBatch> of(Examples examples) {
        return (_, chosen) -> pack(Arrays.stream(chosen).mapToObj(examples::get).toList());
    }

    private static TokenBatch pack(List<Example> examples) {
        Sequences sequences = Sequences.of(examples.stream().mapToInt(Example::rows).toArray());
        int[] inputs = new int[sequences.tokens()];
        int[] positions = new int[inputs.length];
        int[] rows = new int[inputs.length];
        int[] targets = new int[inputs.length];
        int labelled = 0;
        for (int s = 0; s < examples.size(); s++) {
            int[] ids = examples.get(s).ids();
            for (int t = 0; t + 1 < ids.length; t++) {
                int row = sequences.start(s) + t;
                inputs[row] = ids[t];
                positions[row] = t;
                if (t + 1 >= examples.get(s).promptLength()) {
                    rows[labelled] = row;
                    targets[labelled++] = ids[t + 1];
                }
            }
        }
        return new TokenBatch(inputs, positions, sequences, Arrays.copyOf(rows, labelled),
                Arrays.copyOf(targets, labelled));
    }
}
