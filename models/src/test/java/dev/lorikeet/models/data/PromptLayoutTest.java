package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.text.ByteTokenizer;
import dev.lorikeet.models.text.Tokenizers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PromptLayoutTest {
    private final PromptLayout layout = new PromptLayout(new ByteTokenizer());

    @Test
    void prompt_end_blank_completion_end() {
        Example example = layout.example(new TextPair("ab", "c"));
        assertThat(example).isEqualTo(new Example(new int[] {'a', 'b', 256, ' ', 'c', 256}, 3));
        assertThat(example.labels()).isEqualTo(3);
        assertThat(layout.prompt("ab")).isEqualTo(Arrays.copyOf(example.ids(), example.promptLength()));
        assertThat(layout.example(new TextPair("", "\nc")).ids()).containsExactly(256, '\n', 'c', 256);
    }

    @Test
    void a_completion_ends_at_the_first_end_of_text() {
        assertThat(layout.completion(' ', 'h', 'i', 256, 'x')).isEqualTo("hi");
        assertThat(layout.completion()).isEmpty();
    }

    /// The ids of `name : Blue Spice` and ` A pub .` under GPT-2's vocabulary, between which the scripts put 50256.
    @Test
    void gpt2_ids_are_laid_out_as_in_the_papers_scripts() {
        var tokenizer = Tokenizers.open(SharedData.require("gpt2-bpe"));
        int[] ids = new PromptLayout(tokenizer).example(new TextPair("name : Blue Spice", "A pub .")).ids();
        assertThat(ids).containsExactly(3672, 1058, 4518, 43537, 50256, 317, 2240, 764, 50256);
    }
}
