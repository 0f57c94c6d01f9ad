package dev.lorikeet.bench.gpu;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Batches as long as those of the E2E NLG data in GPT-2's tokens, with random tokens in them: 64 batches of 8
/// examples, shuffled, in `e2e-lengths.txt` as `prompt/whole`. Prompts are not labelled.
public final class E2eLengths {
    private static final String FILE = "e2e-lengths.txt";
    private static final long SEED = 23;

    private E2eLengths() {}

    /// All batches.
    public static List<TokenBatch> batches(int vocabulary) {
        List<TokenBatch> batches = new ArrayList<>();
        try (InputStream stream = E2eLengths.class.getResourceAsStream(FILE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                batches.add(batch(line.split(" "), vocabulary, batches.size()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return batches;
    }

    private static TokenBatch batch(String[] examples, int vocabulary, int number) {
        List<int[]> tokens = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (int s = 0; s < examples.length; s++) {
            String[] parts = examples[s].split("/");
            int[] ids = new int[Integer.parseInt(parts[1])];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = Integer.remainderUnsigned(
                        Philox.word(new RandomKey(SEED, number * 8L + s), t), vocabulary);
            }
            int[] labelled = ids.clone();
            Arrays.fill(labelled, 0, Integer.parseInt(parts[0]), TokenBatch.IGNORED);
            tokens.add(ids);
            labels.add(labelled);
        }
        return TokenBatch.of(tokens, labels);
    }
}
