package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairTokenizerTest {
    @TempDir
    Path directory;

    private BytePairTokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        TinyVocabulary.writePair(directory);
        tokenizer = BytePairTokenizer.open(directory);
    }

    private List<String> pieces(String text) {
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::token).toList();
    }

    @Test
    void the_pair_of_the_lowest_rank_is_merged_first() {
        assertThat(pieces("lower")).containsExactly("lower");        // l o, lo w, e r, low er
        assertThat(pieces(" lower")).containsExactly("Ġlow", "er");  // "Ġ lo" comes before "lo w"
        assertThat(pieces("slow")).containsExactly("s", "low");
        assertThat(pieces(" the hew")).containsExactly("Ġthe", "Ġ", "he", "w");
    }

    @Test
    void equal_pairs_are_merged_from_the_left() {
        assertThat(pieces("aaaaaaa")).containsExactly("aaaa", "aa", "a");
    }

    @Test
    void merges_do_not_cross_the_border_of_a_word() {
        assertThat(pieces("a12a's")).containsExactly("a", "12", "a", "'s");
        assertThat(pieces("lo  lower")).containsExactly("lo", "Ġ", "Ġlow", "er");
        assertThat(pieces("lo\r\nw")).containsExactly("lo", "č", "Ċ", "w");   // the last blank goes to what follows
        assertThat(pieces("lo\r\n")).containsExactly("lo", "čĊ");
    }

    @Test
    void any_text_survives_encoding_and_decoding() {
        var random = new Random(7);
        for (int round = 0; round < 500; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x110000);
                text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? ' ' : c);
            }
            assertThat(tokenizer.decode(tokenizer.encode(text.toString()))).isEqualTo(text.toString());
        }
        for (String text : List.of("", " ", "👩‍👩‍👧 ok", "a\r\nb\r\n", "\uFEFFx", "…", "e\u0301", "\0")) {
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void all_bytes_can_be_decoded_one_by_one() {
        byte[] bytes = new byte[1000];
        new Random(3).nextBytes(bytes);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokenizer.id(TinyVocabulary.letter(bytes[i] & 0xFF)).orElseThrow();
        }
        assertThat(tokenizer.decodeBytes(ids)).isEqualTo(bytes);
    }

    @Test
    void half_a_character_decodes_to_a_replacement_character() {
        int[] ids = tokenizer.encode("é");
        assertThat(tokenizer.decodeBytes(ids[0])).containsExactly(0xC3);
        assertThat(tokenizer.decode(ids[0])).isEqualTo("\uFFFD");
        assertThat(tokenizer.decode(ids)).isEqualTo("é");
    }

    @Test
    void a_special_token_is_recognised_only_on_request() {
        int end = tokenizer.endOfText().orElseThrow();
        assertThat(end).isEqualTo(tokenizer.vocabularySize() - 1);
        assertThat(tokenizer.encode("a<|endoftext|>")).doesNotContain(end).hasSize(14);
        assertThat(tokenizer.encodeWithSpecial("a<|endoftext|>lower").clone())
                .containsExactly(tokenizer.id("a").orElseThrow(), end, tokenizer.id("lower").orElseThrow());
        assertThat(tokenizer.decode(end)).isEqualTo("<|endoftext|>");
    }

    @Test
    void added_tokens_swallow_blanks_as_tokenizer_json_says() throws IOException {
        TinyVocabulary.writeJson(directory, List.of(
                Map.of("id", 300, "content", "<mask>", "lstrip", true, "special", true),
                Map.of("id", 301, "content", "<x>", "rstrip", true, "special", false),
                Map.of("id", 302, "content", "<x>y", "special", true),
                Map.of("id", 303, "content", "zz", "single_word", true, "special", false)));
        tokenizer = BytePairTokenizer.open(directory);
        int a = tokenizer.id("a").orElseThrow();
        assertThat(tokenizer.vocabularySize()).isEqualTo(304);
        assertThat(tokenizer.encodeWithSpecial("a \t<mask>a")).containsExactly(a, 300, a);
        assertThat(tokenizer.encode("a<x> \na")).as("not special: always recognised").containsExactly(a, 301, a);
        assertThat(tokenizer.encodeWithSpecial("a<x>ya")).as("the longest name wins").containsExactly(a, 302, a);
        assertThat(tokenizer.encode("<x>ya")[0]).isEqualTo(301);
        assertThat(tokenizer.encode("azz")).doesNotContain(303);
        assertThat(tokenizer.encode("a,zz.")).contains(303);
        assertThat(tokenizer.specialTokens()).containsExactly(Map.entry("<mask>", 300), Map.entry("<x>y", 302));
        assertThatThrownBy(() -> tokenizer.decode(299)).hasMessageContaining("no token has id 299");
    }

    @Test
    void both_forms_of_the_files_give_the_same_ids() throws IOException {
        TinyVocabulary.writeJson(directory, List.of());
        assertThat(BytePairTokenizer.open(directory).name()).contains("tokenizer.json");
        String text = " lower the 1212 aaaa's…\r\n\r\nx";
        assertThat(BytePairTokenizer.open(directory).encode(text)).containsExactly(tokenizer.encode(text));
    }

    @Test
    void a_word_of_a_megabyte_is_encoded_without_quadratic_work() {
        String word = "a".repeat(1 << 20);
        int[] ids = tokenizer.encode(word);
        assertThat(ids).hasSize(1 << 18).containsOnly(tokenizer.id("aaaa").orElseThrow());
        assertThat(tokenizer.decodeBytes(ids)).isEqualTo(word.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_missing_byte_is_an_error_unless_there_is_an_unknown_token() throws IOException {
        Files.writeString(directory.resolve("vocab.json"), "{\"a\": 0, \"b\": 1, \"ab\": 2, \"<unk>\": 3}");
        Files.writeString(directory.resolve("merges.txt"), "a b\n");
        assertThatThrownBy(() -> BytePairTokenizer.open(directory).encode("abc"))
                .hasMessageContaining("no token for byte 0x63");
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"unk_token\": \"<unk>\"}");
        assertThat(BytePairTokenizer.open(directory).encode("abéc")).containsExactly(2, 3, 3, 3);
    }
}
