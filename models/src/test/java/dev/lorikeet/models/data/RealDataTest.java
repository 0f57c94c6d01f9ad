package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.text.ByteTokenizer;
import dev.lorikeet.models.text.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Counts that the data's own documentation states.
class RealDataTest {
    @ParameterizedTest
    @CsvSource({"train.txt.gz, 42061, 4862", "valid.txt.gz, 4672, 547", "test.txt.gz, 4693, 630",
        "devset.csv.gz, 4672, 547", "testset_w_refs.csv.gz, 4693, 630"})
    void e2e_has_its_known_number_of_pairs_and_meaning_representations(String name, int rows, int distinct) {
        List<TextPair> pairs = E2e.pairs(SharedData.require("e2e").resolve(name));
        assertThat(pairs).hasSize(rows);
        assertThat(pairs.stream().map(TextPair::prompt).distinct()).hasSize(distinct);
        assertThat(pairs).allSatisfy(pair -> assertThat(pair.completion()).isNotBlank().isEqualTo(
                pair.completion().strip()));
    }

    @ParameterizedTest
    @CsvSource({"devset.csv.gz, valid.txt.gz", "testset_w_refs.csv.gz, test.txt.gz"})
    void a_csv_gives_the_prompts_of_the_papers_file(String csv, String text) {
        Path directory = SharedData.require("e2e");
        assertThat(E2e.meaningRepresentations(directory.resolve(csv)))
                .isEqualTo(E2e.meaningRepresentations(directory.resolve(text)));
    }

    @Test
    void the_test_set_has_630_groups_in_the_order_of_its_meaning_representations() {
        Path directory = SharedData.require("e2e");
        List<ReferenceGroup> groups = ReferenceGroup.of(E2e.pairs(directory.resolve("test.txt.gz")));
        assertThat(groups).extracting(ReferenceGroup::prompt)
                .isEqualTo(E2e.meaningRepresentations(directory.resolve("testset.csv.gz"))).hasSize(630);
        assertThat(groups.stream().mapToInt(group -> group.references().size()).sum()).isEqualTo(4693);
    }

    @Test
    void e2e_fits_into_512_tokens_of_gpt2() {
        var layout = new PromptLayout(Tokenizers.open(SharedData.require("gpt2-bpe")));
        Examples examples = layout.examples(E2e.pairs(SharedData.require("e2e/train.txt.gz")));
        assertThat(LimitedExamples.truncate(examples, 512).report()).isEqualTo("0 of 42061 examples cut, 0 left out");
        assertThat(Batches.shuffled(examples, BatchSize.ofSequences(8), 110).batchesIn(0)).isEqualTo(5258);
    }

    @Test
    void novels_are_documents() {
        PlainText text = PlainText.read(List.of(SharedData.require("text/eltec-eng/valid.txt.gz")), new ByteTokenizer(),
                1024);
        assertThat(text.size()).isEqualTo(Math.ceilDiv(text.tokens() - 1, 1024));
        int ends = 0;
        for (int i = 0; i < text.size(); i++) {
            Example block = text.get(i);
            for (int t = 1; t < block.length(); t++) {
                ends += block.ids()[t] == ByteTokenizer.END_OF_TEXT_ID ? 1 : 0;
            }
        }
        assertThat(ends).isEqualTo(6);
    }
}
