package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.op.ColumnSlice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
    @Test
    void a_name_is_the_whole_path_or_its_end_from_a_dot_on() {
        Targets targets = Targets.parse("c_proj");
        assertThat(targets.match("c_proj")).isPresent();
        assertThat(targets.match("transformer.h.0.attn.c_proj")).isPresent();
        assertThat(targets.match("transformer.h.0.mlp.c_proj")).isPresent();
        assertThat(targets.match("transformer.h.0.mlp.xc_proj")).isEmpty();
        assertThat(Targets.parse("attn.c_proj").match("transformer.h.0.mlp.c_proj")).isEmpty();
    }

    @Test
    void columns_stand_in_brackets() {
        Targets targets = Targets.parse("c_attn[v, q], c_fc, c_proj[0:2,4:5]");
        assertThat(targets.match("h.0.c_attn").orElseThrow().slices("c_attn", 9))
                .containsExactly(new ColumnSlice(0, 3), new ColumnSlice(6, 9));
        assertThat(targets.match("h.0.c_fc").orElseThrow().isAll()).isTrue();
        assertThat(targets.match("h.0.c_proj").orElseThrow().slices("c_proj", 5))
                .containsExactly(new ColumnSlice(0, 2), new ColumnSlice(4, 5));
    }

    @Test
    void the_first_name_that_fits_decides() {
        Targets targets = Targets.parse("h.0.c_attn[q],c_attn");
        assertThat(targets.match("h.0.c_attn").orElseThrow()).isEqualTo(Columns.parse("q"));
        assertThat(targets.match("h.1.c_attn").orElseThrow().isAll()).isTrue();
    }

    @Test
    void a_regular_expression_must_match_the_whole_path() {
        Targets targets = Targets.parse("regex:.*\\.(attn|mlp)\\.c_proj");
        assertThat(targets.match("transformer.h.0.mlp.c_proj")).isPresent();
        assertThat(targets.match("transformer.h.0.mlp.c_proj.x")).isEmpty();
    }

    @Test
    void all_linear_leaves_out_the_head() {
        Targets targets = Targets.parse("all-linear");
        assertThat(targets.match("transformer.h.0.mlp.c_fc")).isPresent();
        assertThat(targets.match("lm_head")).isEmpty();
        assertThat(targets.match("classifier.out_proj")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"c_attn", "c_attn[q,v],c_proj", "c_fc[0:64]", "all-linear", "regex:.*c_(attn|fc)"})
    void text_is_read_back_as_it_is_written(String text) {
        assertThat(Targets.parse(text)).hasToString(text);
    }

    @Test
    void malformed_texts_are_refused_with_the_reason() {
        assertThatThrownBy(() -> Targets.parse("")).hasMessageContaining("not the name of a projection");
        assertThatThrownBy(() -> Targets.parse("a,,b")).hasMessageContaining("not the name of a projection");
        assertThatThrownBy(() -> Targets.parse("c_attn[q")).hasMessageContaining("bracket is not closed");
        assertThatThrownBy(() -> Targets.parse("c_attn[x]")).hasMessageContaining("neither q, k or v nor a range");
        assertThatThrownBy(() -> Targets.parse("c_attn[q,q]")).hasMessageContaining("twice");
        assertThatThrownBy(() -> Targets.parse("regex:(")).hasMessageContaining("not a regular expression");
    }

    @Test
    void columns_must_fit_the_projection() {
        assertThatThrownBy(() -> Columns.parse("q").slices("h.0.c_fc", 10))
                .hasMessageContaining("'h.0.c_fc' has 10 columns, which is not q, k and v");
        assertThatThrownBy(() -> Columns.parse("0:4").slices("x", 3)).hasMessageContaining("go beyond its 3 columns");
        assertThatThrownBy(() -> Columns.parse("0:4,2:6").slices("x", 9)).hasMessageContaining("overlap");
        assertThatThrownBy(() -> Columns.parse("4:4").slices("x", 9)).hasMessageContaining("empty");
    }

    @Test
    void near_matches_forgive_typing_errors_and_layer_numbers() {
        List<String> paths = List.of(
                "transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn", "transformer.h.0.mlp.c_fc");
        assertThat(NearMatches.of("c_atn", paths)).containsExactly("transformer.h.*.attn.c_attn");
        assertThat(NearMatches.of("q_proj_weights", paths)).isEmpty();
        assertThat(NearMatches.tree(paths)).isEqualTo("transformer.h.*.attn.c_attn, transformer.h.*.mlp.c_fc");
    }
}
