package dev.lorikeet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Result;
import dev.lorikeet.bench.compare.Samples;
import dev.lorikeet.bench.compare.Work;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {
    private static final Result PEAK = result("ceilings", "fma", Map.of("ceiling", "fma"), Work.of(200e9, 0), 1);
    private static final Result READ = result("ceilings", "read", Map.of("ceiling", "read"), Work.of(0, 50e9), 1);
    private static final Result LARGE = result("gemm", "large <1>", Map.of(), Work.of(100e9, 1e9), 1, 1.25);
    private static final Result SLOW = result("kernels", "slow", Map.of(), Work.of(0, 20e9), 1, 0.5);
    private static final Result AXIS = new Result("scaling", "against batch",
            Map.of("axis", "batch", "expected", "1.0,2.0,4.0"), Work.items(1, "tokens"),
            List.of(samples("1", 1), samples("2", 1.9), samples("4", 4.4)), 0, "2026-11-21T10:00:00Z");

    @TempDir
    private Path folder;

    private static Samples samples(String name, double seconds) {
        return new Samples(name, 1, List.of(seconds, seconds), List.of());
    }

    private static Result result(String suite, String name, Map<String, String> traits, Work work, double... seconds) {
        List<Samples> all = Stream.iterate(0, i -> i < seconds.length, i -> i + 1)
                .map(i -> samples(i == 0 ? "lorikeet" : "libtorch", seconds[i]))
                .toList();
        return new Result(suite, name, traits, work, all, 0.1, "2026-11-21T10:00:00Z");
    }

    private static Document parse(Path svg) throws Exception {
        String text = Files.readString(svg);
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    @Test
    void a_page_has_tables_pictures_and_the_ratios_to_the_best_peer() throws Exception {
        String page = Files.readString(new Report(List.of(PEAK, READ, LARGE, SLOW, AXIS)).write(folder));
        assertThat(page).contains("geometric mean 1.250 over 1 comparisons", "geometric mean 0.500",
                "![roofline](roofline.svg)", "![scaling](scaling.svg)", "ratios.svg");
        // 100 of 200 GFLOP/s; 20 of 50 GB/s
        assertThat(page).contains("| gemm: large <1> | 100 | 100.0 | 1.0 | registers | 50% |");
        assertThat(page).contains("| kernels: slow |  | 0.0 | 20.0 | memory | 40% |");
        assertThat(page).contains("| batch | 4 | 4.400 | 4.40 | 4.00 |");
        assertThat(parse(folder.resolve("roofline.svg")).getElementsByTagName("circle").getLength()).isEqualTo(1);
        assertThat(parse(folder.resolve("scaling.svg")).getElementsByTagName("circle").getLength()).isEqualTo(3);
        assertThat(parse(folder.resolve("ratios.svg")).getElementsByTagName("rect").getLength()).isEqualTo(3);
    }

    @Test
    void without_peers_and_ceilings_there_is_a_page_without_pictures() throws IOException {
        Result alone = result("kernels", "alone", Map.of(), Work.of(1e9, 1e9), 1);
        String page = Files.readString(new Report(List.of(alone)).write(folder));
        assertThat(page).contains("| alone").doesNotContain(".svg");
        assertThat(folder.resolve("ratios.svg")).doesNotExist();
    }

    @Test
    void what_stands_beside_ours_as_a_reference_is_no_peer() throws IOException {
        Result reference = result("gemm-polluted", "clean", Map.of("reference", "fma"), Work.of(1e9, 1e6), 1, 0.9);
        String page = Files.readString(new Report(List.of(reference)).write(folder));
        assertThat(page).contains("0.900 [0.900").doesNotContain("geometric mean");
    }

    @Test
    void the_roof_is_memory_first_and_registers_then() {
        Ceilings ceilings = Ceilings.of(List.of(PEAK, READ)).orElseThrow();
        assertThat(ceilings.roof(1)).isEqualTo(50);
        assertThat(ceilings.roof(100)).isEqualTo(200);
        assertThat(Ceilings.of(List.of(PEAK))).isEmpty();
    }

    @Test
    void an_axis_is_logarithmic() {
        Axis axis = new Axis(1, 100, 0, 200);
        assertThat(axis.at(10)).isCloseTo(100, within(1e-9));
        assertThat(Axis.label(0.25)).isEqualTo("0.25");
        assertThat(Axis.label(4)).isEqualTo("4");
        assertThat(Axis.label(1024)).isEqualTo("1024");
        assertThatThrownBy(() -> new Axis(0, 1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
