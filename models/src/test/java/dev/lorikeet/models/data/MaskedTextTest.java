package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.text.BytePairTokenizer;
import dev.lorikeet.models.text.BytePairTraining;
import dev.lorikeet.models.text.BytePairVocabulary;
import dev.lorikeet.models.text.ByteTokenizer;
import dev.lorikeet.models.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedTextTest {
    private static final int CONTEXT = 64;
    private static final int MASK = 4;

    @TempDir
    private Path directory;

    private Tokenizer tokenizer;
    private PlainText text;

    @BeforeEach
    void write() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            lines.append("line ").append(i).append(" of a text with ").append(i * 7919 % 1000).append('\n');
        }
        Path file = directory.resolve("text.txt");
        Files.writeString(file, lines + "<|endoftext|>\nanother document\n");
        var training = new BytePairTraining();
        training.add(lines.toString());
        training.learn(400, BytePairVocabulary.ROBERTA).write(directory);
        tokenizer = BytePairTokenizer.open(directory);
        text = PlainText.read(List.of(file), tokenizer, CONTEXT - 4);
    }

    private MaskedText masked(double hidden, double pairs, long seed) {
        return masked(new MaskedText.Plan(hidden, pairs, Integer.MAX_VALUE, seed));
    }

    private MaskedText masked(MaskedText.Plan plan) {
        return new MaskedText(text, tokenizer, new SentenceLayout(tokenizer, CONTEXT), plan);
    }

    @Test
    void fifteen_percent_are_hidden_of_which_eighty_are_masks_ten_random_and_ten_unchanged() {
        MaskedText masked = masked(0.15, 0, 7);
        TokenBatch batch = masked.pack(0, IntStream.range(0, masked.size()).toArray());
        int masks = 0;
        int unchanged = 0;
        for (int i = 0; i < batch.labelled(); i++) {
            int shown = batch.ids()[batch.rows()[i]];
            masks += shown == MASK ? 1 : 0;
            unchanged += shown == batch.targets()[i] ? 1 : 0;
        }
        double ordinary = batch.tokens() - 2.0 * batch.sequences().count();
        assertThat(ordinary).isGreaterThan(15_000);
        assertThat(batch.labelled() / ordinary).isCloseTo(0.15, within(0.01));
        assertThat((double) masks / batch.labelled()).isCloseTo(0.8, within(0.03));
        assertThat((double) unchanged / batch.labelled()).isCloseTo(0.1, within(0.02));
    }

    @Test
    void with_the_hidden_tokens_put_back_a_sequence_is_its_block_between_begin_and_end() {
        TokenBatch batch = masked(0.15, 0, 7).pack(3, 5, 0);
        int[] ids = batch.ids().clone();
        for (int i = 0; i < batch.labelled(); i++) {
            ids[batch.rows()[i]] = batch.targets()[i];
        }
        assertThat(ids).startsWith(0).endsWith(2).hasSize(2 * (CONTEXT - 2));
        assertThat(Arrays.copyOfRange(ids, 1, CONTEXT - 3)).isEqualTo(text.block(5));
        assertThat(Arrays.copyOfRange(ids, CONTEXT - 1, 2 * CONTEXT - 5)).isEqualTo(text.block(0));
    }

    @Test
    void pieces_of_all_lengths_are_together_the_blocks() {
        MaskedText masked = masked(new MaskedText.Plan(0.15, 0, 8, 7));
        int[] blocks = IntStream.range(0, masked.size() - 1).toArray();
        TokenBatch batch = masked.pack(1, blocks);
        int[] ids = batch.ids().clone();
        for (int i = 0; i < batch.labelled(); i++) {
            ids[batch.rows()[i]] = batch.targets()[i];
        }
        int block = CONTEXT - 4;
        int[] joined = new int[blocks.length * block];
        int[] lengths = new int[block + 1];
        int at = 0;
        for (int s = 0; s < batch.sequences().count(); s++) {
            int length = batch.sequences().length(s) - 2;
            System.arraycopy(ids, batch.sequences().start(s) + 1, joined, at, length);
            at += length;
            lengths[length] += at % block == 0 ? 0 : 1;             // the rest of a block may be shorter
        }
        assertThat(joined).isEqualTo(IntStream.of(blocks).flatMap(i -> Arrays.stream(text.block(i))).toArray());
        assertThat(Arrays.stream(lengths, 0, 8).sum()).isZero();
        int shorter = Arrays.stream(lengths, 8, 16).sum();
        int longer = Arrays.stream(lengths, 16, 32).sum();
        assertThat((double) shorter / longer).as("half as long, twice as many; long ones often are cut by the block")
                .isBetween(1.8, 3.0);
        assertThat(batch.tokens()).isLessThanOrEqualTo(IntStream.of(blocks).map(masked::rows).sum());
    }

    @Test
    void special_tokens_are_never_to_be_predicted_even_between_documents() {
        MaskedText masked = masked(1, 0, 7);
        int last = masked.size() - 1;
        TokenBatch batch = masked.pack(0, IntStream.rangeClosed(0, last).toArray());
        assertThat(Arrays.stream(batch.targets()).noneMatch(id -> id < 5)).isTrue();
        assertThat(batch.labelled()).isLessThan(batch.tokens() - 2 * batch.sequences().count());
    }

    @Test
    void the_same_epoch_hides_the_same_tokens_and_another_one_others() {
        MaskedText masked = masked(0.15, 0.5, 7);
        assertThat(masked.pack(2, 1, 9, 4).ids()).isEqualTo(masked(0.15, 0.5, 7).pack(2, 1, 9, 4).ids());
        assertThat(masked.pack(3, 1).rows()).isNotEqualTo(masked.pack(2, 1).rows());
        assertThat(masked(0.15, 0.5, 8).pack(2, 1).rows()).isNotEqualTo(masked.pack(2, 1).rows());
    }

    @Test
    void the_second_text_of_a_pair_begins_later_and_lacks_some_tokens() {
        MaskedText masked = masked(0.15, 1, 7);
        int half = (CONTEXT - 4) / 2;
        List<Integer> begins = new ArrayList<>();
        for (int block = 0; block < 40; block++) {
            TokenBatch batch = masked.pack(0, block);
            assertThat(batch.sequences().count()).as("a block is two pairs").isEqualTo(2);
            assertThat(batch.tokens()).isLessThanOrEqualTo(masked.rows(block));
            int[] all = batch.ids().clone();
            for (int i = 0; i < batch.labelled(); i++) {
                all[batch.rows()[i]] = batch.targets()[i];
            }
            int[] ids = Arrays.copyOf(all, batch.sequences().length(0));
            assertThat(Arrays.copyOfRange(ids, 1, half + 1)).isEqualTo(Arrays.copyOf(text.block(block), half));
            assertThat(ids[0]).isZero();
            assertThat(new int[] {ids[half + 1], ids[half + 2], ids[ids.length - 1]}).containsOnly(2);
            int[] second = Arrays.copyOfRange(ids, half + 3, ids.length - 1);
            assertThat(second.length).isBetween(half / 2, half);
            begins.add(latestBegin(text.block(block), second));
        }
        assertThat(begins).as("where the second texts begin").allMatch(begin -> begin >= 0)
                .anyMatch(begin -> begin < half / 4).anyMatch(begin -> begin > half / 2);
    }

    /// The last place of `tokens` from which on `some` are found in their order, or -1.
    private static int latestBegin(int[] tokens, int... some) {
        int at = tokens.length;
        for (int i = some.length - 1; i >= 0 && at >= 0; i--) {
            do {
                at--;
            } while (at >= 0 && tokens[at] != some[i]);
        }
        return at;
    }

    @Test
    void what_cannot_be_is_refused() {
        SentenceLayout layout = new SentenceLayout(tokenizer, CONTEXT - 1);
        assertThatThrownBy(() -> new MaskedText(text, tokenizer, layout, new MaskedText.Plan(0.15, 0, 8, 1)))
                .hasMessageContaining("60 tokens").hasMessageContaining("63");
        assertThatThrownBy(() -> new MaskedText(text, new ByteTokenizer(), layout, new MaskedText.Plan(0.1, 0, 8, 1)))
                .hasMessageContaining("<mask>");
        assertThatThrownBy(() -> new MaskedText.Plan(0, 0, 8, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MaskedText.Plan(0.1, 1.5, 8, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MaskedText.Plan(0.1, 0, 1, 1)).hasMessageContaining("2 tokens");
    }
}
