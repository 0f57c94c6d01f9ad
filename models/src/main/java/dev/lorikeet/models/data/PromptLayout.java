package dev.lorikeet.models.data;

import dev.lorikeet.models.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/// How a prompt and a completion become one sequence, as in the LoRA paper's scripts (`gpt2_encode.py --add_bos
/// --add_eos`):
/// ```
/// encode(prompt) <|endoftext|> encode(" " + completion) <|endoftext|>
/// └──────── prompt ─────────┘  └───────────── labels ──────────────┘
/// ```
/// The first `<|endoftext|>` tells the model to begin, the second one that it is done. Both parts are encoded on their
/// own, so no token spans the border and the prompt's ids are the same in training and in generation. A completion that
/// already begins with white space gets no blank.
public final class PromptLayout {
    private final Tokenizer tokenizer;
    private final int endOfText;

    /// @throws IllegalArgumentException if the tokenizer has no token that ends a text
    public PromptLayout(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        endOfText = tokenizer.endOfText().orElseThrow(() -> new IllegalArgumentException(
                "prompts end with the end-of-text token, which the tokenizer '%s' lacks".formatted(tokenizer.name())));
    }

    /// The ids after which a model shall write: the prompt and `<|endoftext|>`.
    public int[] prompt(String prompt) {
        return ended(tokenizer.encode(prompt));
    }

    /// The whole sequence.
    public Example example(TextPair pair) {
        int[] prompt = prompt(pair.prompt());
        int[] completion = ended(tokenizer.encode(spaced(pair.completion())));
        int[] ids = Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, ids, prompt.length, completion.length);
        return new Example(ids, prompt.length);
    }

    /// All sequences, in the same order.
    public Examples examples(List<TextPair> pairs) {
        return Examples.of(pairs.stream().map(this::example).toList());
    }

    /// The text of generated ids: up to the first end of text, without the blanks around it.
    public String completion(int... generated) {
        int end = 0;
        while (end < generated.length && generated[end] != endOfText) {
            end++;
        }
        return tokenizer.decode(Arrays.copyOf(generated, end)).strip();
    }

    private static String spaced(String completion) {
        return completion.isEmpty() || !Character.isWhitespace(completion.charAt(0)) ? " " + completion : completion;
    }

    private int[] ended(int[] ids) {
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = endOfText;
        return ended;
    }
}
