package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GeneratedRestaurantsTest {
    /// The facts without name and landmark.
    private static String combination(String prompt) {
        return prompt.substring(prompt.indexOf("type :")).replaceFirst(" \\| near : .*", "");
    }

    @Test
    void no_held_out_combination_occurs_in_training_whatever_the_seeds() {
        Set<String> seen = new GeneratedRestaurants(1).train(20_000).stream()
                .map(pair -> combination(pair.prompt())).collect(Collectors.toSet());
        Set<String> heldOut = new GeneratedRestaurants(2).heldOut(5000).stream()
                .map(pair -> combination(pair.prompt())).collect(Collectors.toSet());
        assertThat(seen).doesNotContainAnyElementsOf(heldOut).hasSizeGreaterThan(2000);
        assertThat(heldOut).hasSizeBetween(180, 300);
        assertThat(seen.size() + heldOut.size()).isEqualTo(2400);
    }

    /// Shortest and longest value of a list, as indices: with all wordings they give the extreme lengths.
    private static List<Integer> extremes(List<String> values) {
        Comparator<Integer> byLength = Comparator.comparingInt(i -> values.get(i).length());
        List<Integer> indices = IntStream.range(0, values.size()).boxed().toList();
        return List.of(Collections.min(indices, byLength), Collections.max(indices, byLength));
    }

    private static Stream<Restaurant> extremeRestaurants() {
        int seconds = Restaurant.SECOND.size();
        return extremes(Restaurant.FIRST).stream().flatMap(first -> extremes(Restaurant.SECOND).stream()
                .flatMap(second -> extremes(Restaurant.TYPES).stream()
                .flatMap(type -> extremes(Restaurant.FOODS).stream()
                .flatMap(food -> extremes(Restaurant.AREAS).stream()
                .flatMap(area -> Stream.concat(Stream.of(Restaurant.UNSAID), extremes(Restaurant.LANDMARKS).stream())
                .flatMap(near -> IntStream.range(0, 12).mapToObj(i -> new Restaurant(first * seconds + second, type,
                        food, i % 3, area, i / 3 - 1, near))))))));
    }

    @Test
    void every_possible_sentence_is_ascii_and_has_60_to_160_bytes() {
        extremeRestaurants().forEach(restaurant -> {
            for (int variant = 0; variant < RestaurantSentences.VARIANTS; variant++) {
                String sentence = RestaurantSentences.realise(restaurant, variant);
                if (sentence.length() < 60 || sentence.length() > 160) {
                    fail("%d bytes: %s", sentence.length(), sentence);
                }
            }
        });
        for (TextPair pair : new GeneratedRestaurants(8).train(5000)) {
            assertThat(pair.prompt() + pair.completion()).matches("[ -z|]+");
        }
    }

    @Test
    void every_value_is_about_as_frequent_as_its_neighbours() {
        Map<String, Long> counts = new GeneratedRestaurants(9).train(24_000).stream()
                .flatMap(pair -> Stream.of(pair.prompt().split(" \\| ")))
                .collect(Collectors.groupingBy(slot -> slot, Collectors.counting()));
        counts.forEach((slot, count) -> {
            int values = switch (slot.substring(0, slot.indexOf(" : "))) {
                case "name" -> 144;
                case "food" -> 8;
                case "near" -> 7;
                case "type", "area" -> 5;
                case "rating" -> 4;
                default -> 3;
            };
            assertThat((double) count).as(slot).isCloseTo(24_000.0 / values, withinPercentage(values == 144 ? 40 : 8));
        });
        assertThat(counts).hasSize(144 + 5 + 8 + 3 + 5 + 3 + 6);
    }

    @Test
    void a_sentence_says_every_fact_of_its_prompt() {
        for (TextPair pair : new GeneratedRestaurants(3).train(2000)) {
            for (String slot : pair.prompt().split(" \\| ")) {
                String value = slot.substring(slot.indexOf(" : ") + 3);
                switch (slot.substring(0, slot.indexOf(" : "))) {
                    case "price" -> assertThat(pair.completion()).containsPattern(switch (value) {
                        case "cheap" -> "cheap|inexpensive|affordable|low price";
                        case "moderate" -> "moderate|mid-priced|reasonably|average price|fair";
                        default -> "expensive|pricey|high-priced|high price|steep";
                    });
                    case "rating" -> assertThat(pair.completion()).containsPattern(switch (value) {
                        case "low" -> "poorly|low rating|rating is low";
                        case "average" -> "find it average|average rating|rating is average";
                        default -> "highly|high rating|rating is high";
                    });
                    default -> assertThat(pair.completion()).contains(value);
                }
            }
        }
    }

    @Test
    void pairs_depend_on_seed_and_number_alone_and_vary() {
        List<TextPair> pairs = new GeneratedRestaurants(4).train(1000);
        assertThat(new GeneratedRestaurants(4).train(300)).isEqualTo(pairs.subList(0, 300));
        assertThat(new GeneratedRestaurants(5).train(300)).doesNotContainSequence(pairs.subList(0, 2));
        assertThat(new HashSet<>(pairs)).hasSizeGreaterThan(990);
        assertThat(pairs.getFirst()).isEqualTo(new TextPair(
                "name : Humble Walnut | type : bistro | food : Italian | price : expensive | area : harbour"
                        + " | rating : low | near : Seven Arches",
                "Humble Walnut is a pricey bistro that serves Italian meals in the harbour near the Seven Arches,"
                        + " with a low rating."));
    }

    @Test
    void held_out_groups_have_different_prompts_and_different_references() {
        var restaurants = new GeneratedRestaurants(6);
        List<ReferenceGroup> groups = restaurants.heldOutGroups(200, 5);
        assertThat(groups).hasSize(200).extracting(ReferenceGroup::prompt).doesNotHaveDuplicates();
        assertThat(groups).allSatisfy(group -> assertThat(group.references()).hasSize(5).doesNotHaveDuplicates());
        assertThat(groups.getFirst().prompt()).isEqualTo(restaurants.heldOut(1).getFirst().prompt());
        assertThat(groups.getFirst().references()).contains(restaurants.heldOut(1).getFirst().completion());
        assertThat(restaurants.heldOutGroups(3, 72).getLast().references()).hasSize(72);
        assertThatThrownBy(() -> restaurants.heldOutGroups(3, 73)).hasMessageContaining("1 to 72 references");
    }
}
