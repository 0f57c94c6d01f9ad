package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.models.text.ByteTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcesTest {
    @TempDir
    Path directory;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    @Test
    void text_lines_are_split_at_the_bars_and_stripped() throws IOException {
        Path file = file("a.txt", "name : X | area : y||X is in y . \n\nname : Z||Z .");
        assertThat(E2e.pairs(file)).containsExactly(new TextPair("name : X | area : y", "X is in y ."),
                new TextPair("name : Z", "Z ."));
    }

    @Test
    void csv_fields_may_hold_commas_quotes_and_line_ends() throws IOException {
        Path file = file("a.csv", "\uFEFFmr,ref\r\n\"name[X], eatType[pub]\",\"He said \"\"hi\"\",\r\nthen left. \"\r\n"
                + "\r\n\"name[Y], priceRange[£20-25]\",plain text\r\n");
        assertThat(E2e.pairs(file)).containsExactly(
                new TextPair("name : X | Type : pub", "He said \"hi\",\r\nthen left."),
                new TextPair("name : Y | price : £ 20 - 25", "plain text"));
    }

    @Test
    void a_csv_of_meaning_representations_alone_has_no_pairs() throws IOException {
        Path file = file("a.csv", "MR\n\"name[X], near[Y]\"\n");
        assertThat(E2e.meaningRepresentations(file)).containsExactly("name : X | near : Y");
        assertThatThrownBy(() -> E2e.pairs(file)).isInstanceOf(DataException.class)
                .hasMessage(file + ":1: expected the header `mr,ref`, found \"MR\"");
    }

    @Test
    void json_lines_give_prompt_and_completion() throws IOException {
        Path file = file("a.jsonl", "{\"prompt\": \"p\\n\", \"completion\": \" c\", \"id\": 3}\n\n"
                + "{\"completion\": \"d\", \"context\": \"q\"}\n");
        assertThat(JsonLines.pairs(file)).containsExactly(new TextPair("p\n", " c"), new TextPair("q", "d"));
    }

    @Test
    void gzip_is_recognised_by_its_bytes() throws IOException {
        Path file = directory.resolve("a.txt");
        try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("a||é\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(E2e.pairs(file)).containsExactly(new TextPair("a", "é"));
        byte[] broken = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(broken, broken.length - 4));
        assertThatThrownBy(() -> E2e.pairs(file)).isInstanceOf(DataException.class).hasMessageContaining("gzip");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', value = {
        "a.txt!a||b;c!:2: expected `meaning representation||text` with exactly one ||, found \"c\"",
        "a.txt!a||b;;a||b||c!:3: expected",
        "a.txt!||b!:1: expected",
        "a.csv!mr,ref!: expected at least one example, found none: the file is empty",
        "a.csv!ref,mr;a,b!:1: expected the header `mr,ref`, found \"ref,mr\"",
        "a.csv!mr,ref;\"name[X]\",\"a;b\";x[y]!:4: expected 2 fields as in the header, found 1: \"x[y]\"",
        "a.csv!mr,ref;name,b!:2: expected a meaning representation `slot[value], slot[value]`, found \"name\"",
        "a.csv!mr,ref;\"name[X],\",b!:2: expected a meaning representation",
        "a.csv!mr,ref;\"name[X]\"x,b!:2: expected a comma or the end of the line after a closing quote, found 'x'",
        "a.csv!mr,ref;name[X],\"b!:2: expected a closing quote, found the end of the file",
        "a.csv!mr,ref;name[X],b \"c\"!:2: expected quotes around a whole field",
        "a.jsonl!{\"prompt\":\"\",\"completion\":\"\"};{\"prompt\":\"\"}!:2: expected `{\"prompt\": \"…\"",
        "a.jsonl!{\"prompt\":1,\"completion\":\"\"}!:1: expected",
        "a.jsonl!{\"prompt\":!:1: expected",
        "a.jsonl!{} {}!:1: expected",
        "a.jsonl![]!:1: expected",
    })
    void a_broken_line_is_named(String name, String content, String message) throws IOException {
        Path file = file(name, content.replace(';', '\n'));
        assertThatThrownBy(() -> {
            if (name.endsWith("jsonl")) {
                JsonLines.pairs(file);
            } else {
                E2e.pairs(file);
            }
        }).isInstanceOf(DataException.class).hasMessageStartingWith(file.toString()).hasMessageContaining(message);
    }

    @Test
    void missing_empty_and_undecodable_files_are_errors() throws IOException {
        assertThatThrownBy(() -> E2e.pairs(directory.resolve("no.txt"))).isInstanceOf(DataException.class)
                .hasMessageContaining("no.txt: expected a file");
        for (String content : List.of("", "\n \r\n\n")) {
            Path blank = file("blank", content);
            assertThatThrownBy(() -> E2e.pairs(blank)).hasMessageContaining("the file is empty");
            assertThatThrownBy(() -> JsonLines.pairs(blank)).hasMessageContaining("the file is empty");
            assertThatThrownBy(() -> PlainText.read(List.of(blank), new ByteTokenizer(), 8))
                    .hasMessageContaining("the file is empty");
            assertThatThrownBy(() -> E2e.pairs(file("blank.csv", content))).hasMessageContaining("the file is empty");
        }
        Path latin = Files.write(directory.resolve("latin.txt"), "a||b\nc||caf\u00E9\n".getBytes("ISO-8859-1"));
        assertThatThrownBy(() -> E2e.pairs(latin)).hasMessageContaining("latin.txt:2: expected UTF-8, found byte 0xE9");
        assertThatThrownBy(() -> PlainText.read(List.of(file("end.txt", "<|endoftext|>\n")), new ByteTokenizer(), 8))
                .hasMessageContaining("the file is empty");
    }

    @Test
    void plain_text_is_one_stream_whose_blocks_share_one_id() throws IOException {
        Path first = file("1.txt", "abc\r\nde\n<|endoftext|>\n\n<|endoftext|>\nfg\n");
        Path second = file("2.txt", "hi");
        PlainText text = PlainText.read(List.of(first, second), new ByteTokenizer(), 4);
        var stream = new ArrayList<Integer>();
        "abc\nde|fg|hi|".chars().map(c -> c == '|' ? ByteTokenizer.END_OF_TEXT_ID : c).forEach(stream::add);
        assertThat(text.tokens()).isEqualTo(stream.size());
        assertThat(text.size()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).map(text::rows)).containsExactly(4, 4, 4);
        for (int i = 0; i < 3; i++) {
            int[] expected = stream.subList(4 * i, 4 * i + 5).stream().mapToInt(id -> id).toArray();
            assertThat(text.get(i)).isEqualTo(new Example(expected, 0));
        }
        PlainText uneven = PlainText.read(List.of(first, second), new ByteTokenizer(), 5);
        assertThat(IntStream.range(0, uneven.size()).map(uneven::rows)).containsExactly(5, 5, 2);
        assertThat(uneven.get(2).ids()).containsExactly('h', 'i', 256);
    }
}
