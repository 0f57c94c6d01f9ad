package dev.lorikeet.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MainTest {
    private record Named(String name, String... names) implements Suite {
        @Override
        public String about() {
            return "for a test";
        }

        @Override
        public List<Comparison> comparisons() {
            return Stream.of(names)
                    .map(one -> new Comparison(one, Work.items(1, "runs"), 0,
                            () -> Contest.of(Contender.of("ours", () -> 1))))
                    .toList();
        }
    }

    private static final List<Suite> SUITES =
            List.of(new Named("gemm", "8x768", "768x8", "1x1"), new Named("steps", "8x768"));

    private static List<String> names(String... patterns) {
        return Selection.of(SUITES, List.of(patterns)).stream()
                .map(one -> one.suite().name() + "/" + one.comparison().name())
                .toList();
    }

    @Test
    void a_pattern_is_a_suite_or_a_name_with_stars() {
        assertThat(names()).hasSize(4);
        assertThat(names("steps")).containsExactly("steps/8x768");
        assertThat(names("gemm/*768*")).containsExactly("gemm/8x768", "gemm/768x8");
        assertThat(names("*/8x768", "gemm/1x1")).containsExactly("gemm/8x768", "gemm/1x1", "steps/8x768");
    }

    @Test
    void a_pattern_that_fits_nothing_is_refused() {
        assertThatThrownBy(() -> names("gemm", "gem/1x1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nothing to compare is called 'gem/1x1'; suites here: gemm, steps");
    }

    @Test
    void the_command_line_says_what_it_does_not_know() {
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), "compare", "nothing/here");
        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("nothing to compare is called 'nothing/here'");
    }

    @Test
    void before_and_after_are_compared_round_by_round() {
        // each round is 10 % faster, however slow the machine was
        String line = BeforeAfterCommand.line("Gemm", List.of(1.0, 2.0, 4.0), List.of(0.9, 1.8, 3.6), "ms/op");
        assertThat(line).isEqualTo("| Gemm | 2.000 | 1.800 | ms/op | 0.900 | 0.900 – 0.900 |");
        assertThat(BeforeAfterCommand.line("New", List.of(), List.of(1.0), "ms/op"))
                .isEqualTo("| New | 0 rounds | 1 rounds | ms/op | | |");
    }
}
