package dev.lorikeet.models.metric.nlg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.data.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PtbWordsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
        "It isn't kid-friendly, and it's £20-25.   | it is n't kid-friendly , and it 's # 20-25 .",
        "\"The Punter\" (a pub)                     | `` the punter '' -lrb- a pub -rrb-",
        "Known as '1 out of 5' and 'Family'        | known as ' 1 out of 5 ' and ` family '",
        "in the city center., near Mr. Smith.      | in the city center. , near mr. smith .",
        "family friendly..                         | family friendly . .",
        "well... – they cannot                     | well ... -- they can not",
    })
    void splits_as_the_penn_treebank(String text, String words) {
        assertThat(String.join(" ", new PtbWords().of(text))).isEqualTo(words);
    }

    @Test
    void all_sentences_of_the_e2e_challenge_as_stanford_splits_them() throws IOException {
        int lines = 0;
        try (Stream<Path> files = Files.list(SharedData.require("metrics/e2e/ptb"))) {
            for (Path file : files.toList()) {
                for (String line : DataFile.lines(file)) {
                    int tab = line.lastIndexOf('\t');
                    if (tab >= 0) {
                        lines++;
                        assertThat(String.join(" ", new PtbWords().of(line.substring(0, tab))))
                                .isEqualTo(line.substring(tab + 1));
                    }
                }
            }
        }
        assertThat(lines).isGreaterThan(25_000);
    }
}
