package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoraConfigTest {
    @Test
    void scale_is_alpha_over_rank() {
        assertThat(LoraConfig.of(4, 32, "c_attn").scaleFor("h.0.attn.c_attn")).isEqualTo(8);
    }

    @Test
    void rank_stabilised_scale_is_alpha_over_the_root_of_rank() {
        LoraConfig config = LoraConfig.of(8, 16, "c_attn").toBuilder().rsLora(true).build();
        assertThat(config.scaleFor("h.0.attn.c_attn")).isEqualTo(16 / Math.sqrt(8), within(1e-15));
    }

    @Test
    void patterns_change_rank_and_alpha_of_single_modules() {
        LoraConfig config = LoraConfig.of(4, 8, "c_attn,c_fc,c_proj").toBuilder()
                .rankPattern(Map.of("h.1.attn.c_attn", 7, "mlp.c_proj", 2))
                .alphaPattern(Map.of("c_fc", 3.0, "h.1.attn.c_attn", 21.0))
                .build();
        assertThat(config.rankFor("transformer.h.1.attn.c_attn")).isEqualTo(7);
        assertThat(config.scaleFor("transformer.h.1.attn.c_attn")).isEqualTo(3);
        assertThat(config.scaleFor("transformer.h.0.mlp.c_proj")).isEqualTo(4);
        assertThat(config.scaleFor("transformer.h.0.mlp.c_fc")).isEqualTo(0.75);
        assertThat(config.rankFor("transformer.h.11.attn.c_attn")).isEqualTo(4);
        assertThat(config.rankFor("transformer.h.0.attn.c_proj")).isEqualTo(4);
    }

    @Test
    void pattern_keys_are_regular_expressions_bounded_by_a_dot_and_the_first_hit_wins() {
        Map<String, Integer> patterns = new LinkedHashMap<>();
        patterns.put("h\\.[01]\\.attn\\.c_attn", 3);
        patterns.put("c_attn", 5);
        LoraConfig config = LoraConfig.of(8, 8, "c_attn").toBuilder().rankPattern(patterns).build();
        assertThat(config.rankFor("transformer.h.1.attn.c_attn")).isEqualTo(3);
        assertThat(config.rankFor("transformer.h.2.attn.c_attn")).isEqualTo(5);
        assertThat(config.rankFor("transformer.h.2.attn.xc_attn")).isEqualTo(8);
        assertThat(config.rankFor("transformer.h.2.c_attn.x")).isEqualTo(8);
    }

    @Test
    void nonsense_is_refused() {
        assertThatThrownBy(() -> LoraConfig.of(0, 8, "c_attn")).hasMessageContaining("rank must be at least 1, was 0");
        assertThatThrownBy(() -> LoraConfig.of(4, Double.NaN, "c_attn")).hasMessageContaining("alpha");
        assertThatThrownBy(() -> LoraConfig.of(4, 8, "c_attn").toBuilder().dropout(1).build())
                .hasMessageContaining("dropout must be at least 0 and below 1");
        assertThatThrownBy(() -> LoraConfig.builder().build()).hasMessageContaining("no targets");
        assertThatThrownBy(() -> LoraConfig.of(4, 8, "c_attn").toBuilder().rankPattern(Map.of("c_fc", -1)).build())
                .hasMessageContaining("c_fc").hasMessageContaining("-1");
        assertThatThrownBy(() -> LoraConfig.of(4, 8, "c_attn").toBuilder().alphaPattern(Map.of("(", 1.0)).build())
                .hasMessageContaining("'('").hasMessageContaining("regular expression");
        assertThatThrownBy(() -> LoraConfig.of(4, 8, "all-linear").toBuilder()
                .layers(new LayerSubset(Set.of(0), List.of())).build())
                .hasMessageContaining("layers can be chosen only for targets given by name");
    }

    @Test
    void layers_restrict_targets_unless_the_whole_path_is_named() {
        LoraConfig config = LoraConfig.of(4, 8, "c_attn,transformer.h.3.mlp.c_fc").toBuilder()
                .layers(new LayerSubset(Set.of(1), List.of("h"))).build();
        assertThat(config.columnsFor("transformer.h.1.attn.c_attn")).isPresent();
        assertThat(config.columnsFor("transformer.h.0.attn.c_attn")).isEmpty();
        assertThat(config.columnsFor("transformer.h.11.attn.c_attn")).isEmpty();
        assertThat(config.columnsFor("transformer.h.3.mlp.c_fc")).isPresent();
        assertThat(config.columnsFor("transformer.blocks.1.attn.c_attn")).isEmpty();
    }

    @Test
    void layers_without_a_pattern_are_found_in_any_list() {
        LayerSubset subset = new LayerSubset(Set.of(2), List.of());
        assertThat(subset.contains("roberta.encoder.layer.2.attention.self.query")).isTrue();
        assertThat(subset.contains("roberta.encoder.layer.1.attention.self.query")).isFalse();
        assertThat(subset.contains("classifier.dense")).isFalse();
    }

    @Test
    void exclusions_and_modules_to_save_are_never_targets() {
        LoraConfig config = LoraConfig.of(4, 8, "dense,query").toBuilder()
                .exclude(Targets.parse("output.dense"))
                .modulesToSave(List.of("classifier"))
                .build();
        assertThat(config.columnsFor("layer.0.intermediate.dense")).isPresent();
        assertThat(config.columnsFor("layer.0.output.dense")).isEmpty();
        assertThat(config.columnsFor("classifier.dense")).isEmpty();
        assertThat(config.columnsFor("subclassifier.dense")).isPresent();
    }

    @Test
    void modules_to_save_match_the_end_of_a_module_without_a_dot() {
        LoraConfig config = LoraConfig.of(4, 8, "query").toBuilder().modulesToSave(List.of("ln_f", "fier")).build();
        assertThat(config.savesWeight("transformer.ln_f.weight")).isTrue();
        assertThat(config.savesWeight("transformer.ln_f.bias")).isTrue();
        assertThat(config.savesWeight("classifier.dense.weight")).isTrue();
        assertThat(config.savesWeight("transformer.h.0.ln_1.weight")).isFalse();
        assertThat(config.savesWeight("ln_f")).isFalse();
    }
}
