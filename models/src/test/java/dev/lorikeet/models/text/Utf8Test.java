package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
    /// Expected counts are those of Python 3 (`errors="replace"`) and of the Unicode standard's table 3-8.
    @ParameterizedTest
    @CsvSource({"e282,1", "f09080,1", "c080,2", "eda080,3", "f4908080,4", "f5808080,4", "e28241,1", "f0908041,1",
        "80,1", "ff,1", "f0808080,4", "e08080,3", "eda0,2", "f48f,1", "c3,1", "c3c3a9,1", "edbfbf,3"})
    void each_maximal_ill_formed_sequence_becomes_one_replacement(String hex, int replacements) {
        String text = Utf8.decode(HexFormat.of().parseHex(hex));
        assertThat(text.chars().filter(c -> c == '\uFFFD').count()).isEqualTo(replacements);
    }

    @Test
    void well_formed_text_is_decoded_exactly() {
        var random = new Random(1);
        var all = new StringBuilder("\0 a~\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFD\uFFFF\uD800\uDC00\uDBFF\uDFFF");
        random.ints(5000, 0, 0x110000).filter(c -> c < 0xD800 || c > 0xDFFF).forEach(all::appendCodePoint);
        assertThat(Utf8.decode(all.toString().getBytes(StandardCharsets.UTF_8))).isEqualTo(all.toString());
    }
}
