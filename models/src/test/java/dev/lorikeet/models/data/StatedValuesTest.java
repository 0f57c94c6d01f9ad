package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatedValuesTest {
    private static final String PROMPT =
            "name : Copper Kettle | type : pub | food : Thai | price : cheap | area : old town | rating : high";
    private static final String RIGHT =
            "Copper Kettle, a pub in the old town, has Thai dishes at low prices, and its rating is high.";

    @Test
    void every_sentence_of_the_task_states_all_values_and_nothing_else() {
        for (TextPair pair : new GeneratedRestaurants(11).train(5000)) {
            int values = pair.prompt().split(" \\| ").length;
            assertThat(StatedValues.of(pair.prompt(), pair.completion())).as(pair.completion())
                    .isEqualTo(new StatedValues(values, values, false));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Copper Kettle>Copper Lantern", "Copper Kettle>Coper Kettle", "pub>tavern", "Thai>Greek",
            "low prices>high prices", "old town>upper town", "its rating is high>its rating is low"})
    void a_wrong_value_is_not_stated_and_foreign(String change) {
        String[] words = change.split(">");
        assertThat(StatedValues.of(PROMPT, RIGHT.replace(words[0], words[1])))
                .isEqualTo(new StatedValues(5, 6, true));
    }

    @Test
    void a_value_left_out_is_not_foreign_and_a_value_added_is() {
        assertThat(StatedValues.of(PROMPT, RIGHT.replace(" in the old town", "")))
                .isEqualTo(new StatedValues(5, 6, false));
        assertThat(StatedValues.of(PROMPT, RIGHT.replace("old town", "old town near the Stone Mill")))
                .isEqualTo(new StatedValues(6, 6, true));
        assertThat(StatedValues.of(PROMPT, "")).isEqualTo(new StatedValues(0, 6, false));
    }

    @Test
    void names_outside_the_tasks_lists_count_as_they_are_spelt() {
        String prompt = PROMPT.replace("Copper Kettle", "Zephyr Quill");
        assertThat(StatedValues.of(prompt, RIGHT.replace("Copper Kettle", "Zephyr Quill")))
                .isEqualTo(new StatedValues(6, 6, false));
        assertThat(StatedValues.of(prompt, RIGHT)).isEqualTo(new StatedValues(5, 6, true));
        assertThat(StatedValues.of(prompt, RIGHT.replace("Copper Kettle", "Zephyr Quills")).foreign()).isTrue();
    }

    @Test
    void a_prompt_of_another_task_is_refused() {
        assertThatThrownBy(() -> StatedValues.of("once upon a time", RIGHT)).hasMessageContaining("slot : value");
        assertThatThrownBy(() -> StatedValues.of("price : free", RIGHT)).hasMessageContaining("none of [cheap");
    }
}
