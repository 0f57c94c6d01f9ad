package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DownloadLineTest {
    private final StringWriter out = new StringWriter();

    private DownloadLine line(boolean terminal, long total) {
        DownloadLine line = new DownloadLine(new PrintWriter(out, true), terminal);
        line.onStart(total);
        return line;
    }

    @Test
    void the_last_bytes_fill_the_bar() {
        DownloadLine line = line(false, 3_000_000);
        line.onFile("config.json", 0, 1_000_000);
        line.onBytes(1_000_000);
        assertThat(out.toString()).isEmpty();
        line.onFile("model.safetensors", 500_000, 2_000_000);
        line.onBytes(2_000_000);
        assertThat(out.toString()).startsWith("model.safetensors [########################] 3/3 MB  ")
                .endsWith(" MB/s  0:00 left" + System.lineSeparator());
    }

    @Test
    void a_file_that_starts_again_takes_its_bytes_back() {
        DownloadLine line = line(false, 2_000_000);
        line.onFile("model.safetensors", 1_500_000, 2_000_000);
        line.onBytes(500_000);
        line.onBytes(1_999_999);
        assertThat(out.toString()).isEmpty();
        line.onBytes(2_000_000);
        assertThat(out.toString()).contains("] 2/2 MB");
    }

    @Test
    void on_a_terminal_the_line_is_redrawn_in_place_and_a_note_stands_above_it() throws InterruptedException {
        DownloadLine line = line(true, 4_000_000);
        line.onFile("model.safetensors", 0, 4_000_000);
        Thread.sleep(150);
        line.onBytes(1_000_000);
        line.onNote("trying again");
        line.onBytes(4_000_000);
        assertThat(out.toString().split(System.lineSeparator())).satisfiesExactly(
                first -> assertThat(first).startsWith("\r\u001b[Kmodel.safetensors [######------------------] 1/4 MB")
                        .containsPattern("0:0\\d left\r\u001b\\[Ktrying again"),
                second -> assertThat(second).startsWith("\r\u001b[Kmodel.safetensors [########################]"));
    }
}
