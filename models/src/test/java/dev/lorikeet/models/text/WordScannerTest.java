package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WordScannerTest {
    private static final String SPACE = "\\p{IsWhite_Space}";

    /// GPT-2's expression, with its classes spelt out for Java.
    private static final Pattern REFERENCE = Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^"
            + SPACE + "\\p{L}\\p{N}]+|" + SPACE + "+(?!" + "[^" + SPACE + "])|" + SPACE + "+");

    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        for (int at = 0; at < text.length(); ) {
            int end = WordScanner.endOfWord(text, at, text.length());
            words.add(text.substring(at, end));
            at = end;
        }
        return words;
    }

    @Test
    void a_blank_belongs_to_the_word_after_it() {
        assertThat(words("Hello  world, it's 3rd\n\n x")).containsExactly(
                "Hello", " ", " world", ",", " it", "'s", " 3", "rd", "\n\n", " x");
    }

    @Test
    void contractions_are_lower_case_and_need_the_ascii_apostrophe() {
        assertThat(words("I'll I'LL I’ll 'r've")).containsExactly(
                "I", "'ll", " I", "'", "LL", " I", "’", "ll", " '", "r", "'ve");
    }

    @Test
    void white_space_is_unicodes_not_javas() {
        assertThat(words("a\u0085\u3000b\u001Cc\u200Bd\u00A0e²")).containsExactly(
                "a", "\u0085", "\u3000", "b", "\u001C", "c", "\u200B", "d", "\u00A0", "e", "²");
    }

    @Test
    void agrees_with_the_regular_expression_on_random_text() {
        int[] likely = "  \t\n\r'stremvld AZaz019.,!-_\u00A0\u3000é世½Ⅻ\u0301\u200B".codePoints().toArray();
        var random = new Random(5);
        for (int round = 0; round < 5000; round++) {
            var text = new StringBuilder();
            for (int i = 1 + random.nextInt(24); i > 0; i--) {
                int any = random.nextInt(0x110000);
                boolean usual = random.nextInt(8) > 0 || any >= 0xD800 && any < 0xE000;
                text.appendCodePoint(usual ? likely[random.nextInt(likely.length)] : any);
            }
            assertThat(words(text.toString())).isEqualTo(
                    REFERENCE.matcher(text).results().map(MatchResult::group).toList());
        }
    }
}
