package dev.lorikeet.models.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.junit.jupiter.api.Test;

class RecipeTest {
    private final NavigableMap<String, Recipe> all = Recipe.all();

    @Test
    void there_is_one_for_every_task_of_each_column() {
        for (String group : List.of("paper/roberta-base", "scripts/roberta-base", "paper/roberta-large",
                "scripts/roberta-large", "paper/roberta-large-adapters")) {
            for (GlueTask task : GlueTask.values()) {
                assertThat(all.get(group + "/" + task.title())).as(group).isNotNull();
            }
        }
        assertThat(all).hasSize(5 * 8);
        all.values().forEach(recipe -> assertThat(Task.named(recipe.settings().get("task"))).isPresent());
    }

    @Test
    void the_paper_and_its_scripts_differ_where_they_do() {
        Map<String, String> paper = all.get("paper/roberta-base/mrpc").settings();
        Map<String, String> scripts = all.get("scripts/roberta-base/mrpc").settings();
        assertThat(paper).containsEntry("batch", "16").containsEntry("epochs", "30").containsEntry("lr", "4e-4")
                .containsEntry("rank", "8").containsEntry("alpha", "8").containsEntry("accumulate", "1")
                .containsEntry("max-length", "512").containsEntry("warmup-ratio", "0.06");
        assertThat(scripts).containsEntry("alpha", "16").containsEntry("accumulate", "8")
                .containsEntry("weight-decay", "0.1");
        assertThat(all.get("scripts/roberta-base/cola").settings()).containsEntry("accumulate", "2");
        assertThat(all.get("paper/roberta-large/cola").settings()).containsEntry("lr", "2e-4")
                .containsEntry("max-length", "128");
        assertThat(all.get("scripts/roberta-large/cola").settings()).containsEntry("lr", "3e-4");
        assertThat(all.get("paper/roberta-large/sts-b").settings()).containsEntry("epochs", "30")
                .containsEntry("batch", "8");
    }

    @Test
    void mrpc_rte_and_sts_b_start_from_mnli_but_not_where_the_paper_compares_with_adapters() {
        assertThat(all.values().stream().filter(Recipe::fromMnli).map(Recipe::name))
                .hasSize(12).allMatch(name -> name.matches(".*/(mrpc|rte|sts-b)") && !name.contains("adapters"));
    }
}
