package dev.lorikeet.models.generate;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/// Continues prompts: one pass over all prompts (ragged, no padding), then one token per sequence and pass.
public final class Generator {
    /// Sees every token as it is chosen, for streaming.
    @FunctionalInterface
    public interface Listener {
        /// @param sequence which prompt it continues
        /// @param token    the token
        void onToken(int sequence, int token);

        /// Whether [#onLogits] is to be called: handing over a vocabulary of numbers takes its time.
        ///
        /// @param position how many tokens have been added so far
        default boolean wantsLogits(int position) {
            return false;
        }

        /// Sees what the choice is made from, just before it.
        ///
        /// @param sequence which prompt is continued
        /// @param position how many tokens have been added to it so far
        /// @param logits   of every token of the vocabulary
        default void onLogits(int sequence, int position, double[] logits) {}
    }

    private final LanguageModel model;
    private final Pool pool;

    public Generator(LanguageModel model, Pool pool) {
        this.model = model;
        this.pool = pool;
    }

    /// @param prompts   at least one token each
    /// @param maxTokens how many tokens to add to a prompt at most; fewer if it reaches the model's longest sequence,
    ///                  whatever the others do
    /// @param stop      tokens that end a sequence; the ending token is part of the result
    /// @return the new tokens of each prompt
    /// @throws IllegalArgumentException for an empty prompt or one that leaves no room for a token
    public List<int[]> generate(
            List<int[]> prompts, int maxTokens, Sampling sampling, IntPredicate stop, Listener listener) {
        int[] rooms = rooms(prompts, maxTokens);
        int limit = Arrays.stream(rooms).max().orElse(0);
        int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
        List<List<Integer>> results = new ArrayList<>();
        prompts.forEach(_ -> results.add(new ArrayList<>()));
        boolean[] done = new boolean[prompts.size()];
        try (KeyValueCache cache = model.cache(prompts.size(), Math.min(longest + limit, model.maxPositions()))) {
            int[] ids = prompts.stream().flatMapToInt(Arrays::stream).toArray();
            Sequences added = Sequences.of(prompts.stream().mapToInt(p -> p.length).toArray());
            for (int position = 0; position < limit; position++) {
                int[] chosen = next(ids, added, cache, new Choice(sampling, position, done, listener));
                ids = new int[prompts.size()];
                for (int s = 0; s < prompts.size(); s++) {
                    if (!done[s]) {
                        int token = chosen[s];
                        results.get(s).add(token);
                        listener.onToken(s, token);
                        done[s] = stop.test(token) || results.get(s).size() == rooms[s];
                    } else {
                        cache.forgetLast(s);
                    }
                    // a finished sequence is fed its last token again and again, which keeps the batch simple; nobody
                    // reads what follows, and it grows no longer
                    ids[s] = results.get(s).getLast();
                }
                if (allTrue(done)) {
                    break;
                }
                added = Sequences.of(ones(prompts.size()));
            }
        }
        return results.stream().map(tokens -> tokens.stream().mapToInt(Integer::intValue).toArray()).toList();
    }

    /// How many tokens can be added to each prompt.
    private int[] rooms(List<int[]> prompts, int maxTokens) {
        int[] rooms = new int[prompts.size()];
        for (int i = 0; i < prompts.size(); i++) {
            int length = prompts.get(i).length;
            if (length == 0) {
                throw new IllegalArgumentException("prompt %d is empty; give at least one token".formatted(i + 1));
            }
            if (length >= model.maxPositions()) {
                throw new IllegalArgumentException(("prompt %d has %d tokens; the model takes %d, at least one of "
                        + "them new").formatted(i + 1, length, model.maxPositions()));
            }
            rooms[i] = Math.min(maxTokens, model.maxPositions() - length);
        }
        return rooms;
    }

    private static int[] ones(int count) {
        int[] ones = new int[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /// How to choose the tokens of one position.
    private record Choice(Sampling sampling, int position, boolean[] done, Listener listener) {}

    private int[] next(int[] ids, Sequences added, KeyValueCache cache, Choice choice) {
        for (int id : ids) {
            if (id < 0 || id >= model.vocabSize()) {
                throw new IllegalArgumentException(
                        "token id %d is outside the vocabulary of %d".formatted(id, model.vocabSize()));
            }
        }
        try (Tape tape = Tape.inference(pool)) {
            Tensor logits = model.next(tape, ids, added, cache).value();                             // (sequences, V)
            if (choice.listener.wantsLogits(choice.position)) {
                show(logits, choice);
            }
            return choice.sampling.isGreedy() ? likeliest(tape, logits) : drawn(tape, logits, choice);
        }
    }

    private void show(Tensor logits, Choice choice) {
        for (int s = 0; s < logits.rows(); s++) {
            if (!choice.done[s]) {
                double[] row = HostValues.doubles(pool.backend(), logits.rows(s, s + 1));
                choice.listener.onLogits(s, choice.position, row);
            }
        }
    }

    private int[] likeliest(Tape tape, Tensor logits) {
        Tensor best = tape.allocate(DType.I32, Shape.of(logits.rows()));
        tape.kernels().argmaxRows(best, logits);
        int[] tokens = new int[logits.rows()];
        pool.backend().download(MemorySegment.ofArray(tokens), best);
        return tokens;
    }

    private int[] drawn(Tape tape, Tensor logits, Choice choice) {
        Tensor probabilities = tape.allocate(logits.dtype(), logits.shape());
        tape.kernels().axpby(probabilities, 1 / choice.sampling.temperature(), logits, 0);
        tape.kernels().softmax(probabilities, probabilities, logits.cols());
        int[] tokens = new int[logits.rows()];
        for (int s = 0; s < tokens.length; s++) {
            double[] row = HostValues.doubles(pool.backend(), probabilities.rows(s, s + 1));
            tokens[s] = choice.sampling.draw(row, s, choice.position);
        }
        return tokens;
    }

    private static boolean allTrue(boolean[] values) {
        for (boolean value : values) {
            if (!value) {
                return false;
            }
        }
        return true;
    }
}
