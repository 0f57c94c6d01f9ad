package dev.lorikeet.models.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a sentence says of the record in its prompt, for prompts as [GeneratedRestaurants] writes them.
///
/// A value is *stated* if one of its wordings stands in the sentence as whole words: a name, type, food, area or
/// landmark as the prompt spells it, a price or rating in one of the phrases of the task's grammar. A sentence is
/// *foreign* if, once the record's own values are taken out, a word is left that none of the grammar's value-free words
/// is. So another record's value counts, and so does a garbled name that is in no list. Letters' case counts.
///
/// @param stated  how many of the record's values are in the sentence
/// @param values  how many values the record has
/// @param foreign whether the sentence holds a value that the record does not have
public record StatedValues(int stated, int values, boolean foreign) {
    private static final Set<String> VALUE_FREE = Stream.of(RestaurantSentences.FRAMES, RestaurantSentences.DISHES,
                    RestaurantSentences.NEAR)
            .flatMap(List::stream).flatMap(text -> words(text.replaceAll("\\{[^}]*}", " ")))
            .collect(Collectors.toUnmodifiableSet());

    /// Judges one sentence.
    ///
    /// @throws IllegalArgumentException if a part of the prompt is not `slot : value`, or a price or rating is unknown
    public static StatedValues of(String prompt, String sentence) {
        String rest = sentence;
        int stated = 0;
        List<List<String>> record = Stream.of(prompt.split(" \\| ")).map(StatedValues::wordings).toList();
        for (List<String> wordings : longestFirst(record)) {
            String without = without(wordings, rest);
            stated += without.equals(rest) ? 0 : 1;
            rest = without;
        }
        return new StatedValues(stated, record.size(), !words(rest).allMatch(VALUE_FREE::contains));
    }

    /// A longer value is taken out before a shorter one that may be a part of it.
    private static List<List<String>> longestFirst(List<List<String>> record) {
        var sorted = new ArrayList<>(record);
        sorted.sort(Comparator.comparingInt(
                (List<String> wordings) -> wordings.stream().mapToInt(String::length).max().orElseThrow()).reversed());
        return sorted;
    }

    private static String without(List<String> wordings, String text) {
        String rest = text;
        for (String wording : wordings) {
            rest = Pattern.compile("(?<![\\w-])" + Pattern.quote(wording) + "(?![\\w-])").matcher(rest)
                    .replaceAll(" ");
        }
        return rest;
    }

    private static List<String> wordings(String part) {
        String[] slot = part.split(" : ", 2);
        if (slot.length != 2) {
            throw new IllegalArgumentException("expected 'slot : value' in the prompt, found '" + part + "'");
        }
        return switch (slot[0]) {
            case "price" -> Stream.of(RestaurantSentences.PRICE, RestaurantSentences.COST)
                    .flatMap(list -> list.get(index(Restaurant.PRICES, slot)).stream()).toList();
            case "rating" -> RestaurantSentences.RATED.get(index(Restaurant.RATINGS, slot)).stream()
                    .map(phrase -> phrase.substring(", ".length())).toList();
            default -> List.of(slot[1]);
        };
    }

    private static int index(List<String> values, String[] slot) {
        int index = values.indexOf(slot[1]);
        if (index < 0) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s '%s' in the prompt is none of %s",
                    slot[0], slot[1], values));
        }
        return index;
    }

    private static Stream<String> words(String text) {
        return Stream.of(text.split("[\\s.,]+")).filter(word -> !word.isEmpty());
    }
}
