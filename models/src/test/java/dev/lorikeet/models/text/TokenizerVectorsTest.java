package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.models.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every public and generated vector, in both id orders.
class TokenizerVectorsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"gpt2-public.jsonl, 365", "generated.jsonl, 281"})
    void gpt2_ids_are_those_of_the_reference(String file, int rows) throws IOException {
        var tokenizer = BytePairTokenizer.open(SharedData.require("gpt2-bpe"));
        assertThat(tokenizer.vocabularySize()).isEqualTo(50_257);
        assertThat(tokenizer.endOfText()).hasValue(50_256);
        assertThat(check(tokenizer, file, "gpt2_ids", 0)).isEqualTo(rows);
    }

    @ParameterizedTest
    @CsvSource({"roberta-public.jsonl, 33", "generated.jsonl, 281"})
    void roberta_ids_are_those_of_the_reference(String file, int rows) throws IOException {
        var tokenizer = BytePairTokenizer.open(SharedData.require("roberta-bpe"));
        assertThat(tokenizer.vocabularySize()).isEqualTo(50_265);
        assertThat(tokenizer.endOfText()).hasValue(2);
        assertThat(check(tokenizer, file, "roberta_ids", 1)).isEqualTo(rows);
    }

    @Test
    void vocab_json_and_merges_txt_give_the_same_ids_as_tokenizer_json() throws IOException {
        Path gpt2 = SharedData.require("gpt2-bpe");
        for (String name : List.of("vocab.json", "merges.txt")) {
            Files.copy(gpt2.resolve(name), directory.resolve(name));
        }
        assertThat(check(BytePairTokenizer.open(directory), "generated.jsonl", "gpt2_ids", 0)).isEqualTo(281);
    }

    @Test
    void roberta_vocab_json_with_gpt2_merges_gives_roberta_ids_and_special_tokens() throws IOException {
        Files.copy(SharedData.require("roberta-bpe/vocab.json"), directory.resolve("vocab.json"));
        Files.copy(SharedData.require("gpt2-bpe/merges.txt"), directory.resolve("merges.txt"));
        var tokenizer = BytePairTokenizer.open(directory);
        assertThat(check(tokenizer, "generated.jsonl", "roberta_ids", 1)).isEqualTo(281);
        assertThat(tokenizer.specialTokens()).containsExactlyInAnyOrderEntriesOf(
                BytePairTokenizer.open(SharedData.require("roberta-bpe")).specialTokens());
        assertThat(tokenizer.encodeWithSpecial("a <mask> b")).containsExactly(102, 50_264, 741);
    }

    /// Compares all rows that have this field; `around` special tokens stand on either side of the ids. The reference
    /// recognises special tokens in the text, so [BytePairTokenizer#encode] must agree only where there are none.
    private static int check(BytePairTokenizer tokenizer, String file, String field, int around) throws IOException {
        var json = new ObjectMapper();
        int rows = 0;
        for (String line : Files.readAllLines(SharedData.require("tokenizer-vectors").resolve(file))) {
            JsonNode row = json.readTree(line);
            List<Integer> ids = new ArrayList<>();
            row.get(field).forEach(id -> ids.add(id.asInt()));
            int[] expected = ids.subList(around, ids.size() - around).stream().mapToInt(i -> i).toArray();
            String text = row.get("text").asText();
            assertThat(tokenizer.encodeWithSpecial(text)).as("%s row %d: %s", file, rows, text).isEqualTo(expected);
            if (tokenizer.specialTokens().keySet().stream().noneMatch(text::contains)) {
                assertThat(tokenizer.encode(text)).as("%s row %d: %s", file, rows, text).isEqualTo(expected);
            }
            assertThat(tokenizer.decodeBytes(expected)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
            assertThat(tokenizer.decode(expected)).isEqualTo(text);
            rows++;
        }
        return rows;
    }

    @Test
    void every_gpt2_token_decodes_to_its_bytes_and_all_bytes_are_tokens() {
        var tokenizer = BytePairTokenizer.open(SharedData.require("gpt2-bpe"));
        assertThat(IntStream.range(0, tokenizer.vocabularySize()).map(id -> tokenizer.decodeBytes(id).length)
                .filter(length -> length == 1).count()).isEqualTo(256);
        assertThat(tokenizer.token(262)).isEqualTo("Ġthe");
        assertThat(tokenizer.id("Ġthe")).hasValue(262);
    }
}
