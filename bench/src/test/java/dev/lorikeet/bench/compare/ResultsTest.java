package dev.lorikeet.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final Result ONE = result("one", List.of(1.0, 2.0, 4.0), List.of(2.0, 2.0, 4.0));
    private static final Result TWO = result("two/2 x", List.of(1.0, 1.0, 1.0), List.of(4.0, 4.0, 4.0));

    @TempDir
    private Path folder;

    private static Result result(String name, List<Double> ours, List<Double> theirs) {
        return new Result("suite", name, Map.of("batch", "8"), Work.of(1e9, 2e9),
                List.of(new Samples("ours", 1, ours, List.of(1.0)), new Samples("peer", 3, theirs, List.of(1.0))),
                0.25, "2026-11-21T10:00:00Z");
    }

    @Test
    void a_spread_interpolates_between_numbers() {
        assertThat(Spread.of(4, 1, 2, 3)).isEqualTo(new Spread(1.75, 2.5, 3.25));
        assertThat(Spread.of(7)).isEqualTo(new Spread(7, 7, 7));
    }

    @Test
    void the_ratio_is_taken_round_by_round_and_not_of_medians() {
        assertThat(ONE.speedup().orElseThrow()).isEqualTo(new Spread(1, 1, 1.5));
        Result crossed = result("crossed", List.of(1.0, 2.0, 10.0), List.of(3.0, 2.0, 5.0));
        assertThat(crossed.speedup().orElseThrow().median()).isEqualTo(1);
        assertThat(crossed.bestPeer().orElseThrow().median() / crossed.ours().median()).isEqualTo(1.5);
    }

    @Test
    void results_come_back_from_their_files_as_they_were() throws IOException {
        ResultFolder results = new ResultFolder(folder.resolve("new"));
        assertThat(results.read()).isEmpty();
        results.write(TWO);
        results.write(ONE);
        results.write(ONE);
        assertThat(results.read()).containsExactly(ONE, TWO);
    }

    @Test
    void the_table_names_the_work_once_and_sums_up() {
        String table = ResultTable.of(List.of(ONE, TWO));
        assertThat(table.lines()).hasSize(2 + 4);
        assertThat(table).contains("| one ", "1.000 [1.000 – 1.500]", "0.25 cores", "4.000 [4.000 – 4.000]");
        assertThat(ResultTable.summary(List.of(ONE, TWO)).orElseThrow())
                .contains("geometric mean 2.000 over 2 comparisons", "worst 1.000 (one, peer)");
    }

    @Test
    void the_share_of_the_peak_counts_large_work_only() {
        Result peak = new Result("suite", "fma", Map.of("ceiling", "fma"), Work.of(4e9, 0),
                List.of(new Samples("loop", 1, List.of(1.0), List.of(1.0))), 0, "2026-11-21T10:00:00Z");
        assertThat(ResultTable.shareOfPeak(List.of(peak, TWO), 1e9).orElseThrow()).contains("median 25%", "least 25%");
        assertThat(ResultTable.shareOfPeak(List.of(peak, TWO), 2e9)).isEmpty();
        assertThat(ResultTable.shareOfPeak(List.of(TWO), 1e9)).isEmpty();
    }

    @Test
    void other_work_is_what_the_processors_did_beyond_ours() throws IOException {
        Path stat = folder.resolve("stat");
        Files.writeString(stat, "cpu  1634 10 101 62 1 2 12 17 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
        assertThat(MachineLoad.busySeconds(stat)).isCloseTo(17.76, within(1e-9));
        assertThat(MachineLoad.busySeconds(folder.resolve("none"))).isNaN();
        assertThat(new MachineLoad(stat).otherCores()).isGreaterThanOrEqualTo(0);
    }
}
