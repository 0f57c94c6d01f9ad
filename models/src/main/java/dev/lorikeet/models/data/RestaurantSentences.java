package dev.lorikeet.models.data;

import java.util.List;

/// English for a [Restaurant]: one of several sentence frames, in which every fact has several wordings.
///
/// The grammar is [#FRAMES] and the lists below it: `{name}`, `{type}`, `{food}` and `{area}` stand for the facts as
/// the meaning representation words them, the other slots for one of several wordings of a fact; `{near}` and `{rated}`
/// vanish if the fact is unsaid. A variant number picks frame and wordings, so that all sentences can be listed.
final class RestaurantSentences {
    static final List<String> FRAMES = List.of(
            "{name} is {a price} {type} that serves {food} {dishes} in the {area}{near}{rated}.",
            "In the {area}{near}, {name} is {a price} {type} with {food} {dishes} on the menu{rated}.",
            "The {type} {name} in the {area}{near} offers {food} {dishes} at {cost}{rated}.",
            "{name}, a {type} in the {area}{near}, has {food} {dishes} at {cost}{rated}.",
            "For {food} {dishes} at {cost}, try the {type} {name} in the {area}{near}{rated}.",
            "You can find {food} {dishes} at {cost} in {name}, a {type} in the {area}{near}{rated}.");

    static final List<String> DISHES = List.of("food", "dishes", "meals", "cooking");
    static final List<String> NEAR = List.of(" near {landmark}", " close to {landmark}", " next to {landmark}");
    static final List<List<String>> PRICE = List.of(
            List.of("a cheap", "an inexpensive", "an affordable"),
            List.of("a moderately priced", "a mid-priced", "a reasonably priced"),
            List.of("an expensive", "a pricey", "a high-priced"));
    static final List<List<String>> COST = List.of(
            List.of("low prices", "cheap prices", "a low price"),
            List.of("moderate prices", "average prices", "fair prices"),
            List.of("high prices", "steep prices", "a high price"));
    static final List<List<String>> RATED = List.of(
            List.of(", but guests rate it poorly", ", with a low rating", ", though its rating is low"),
            List.of(", and guests find it average", ", with an average rating", ", and its rating is average"),
            List.of(", and guests rate it highly", ", with a high rating", ", and its rating is high"));

    /// Wordings of price, near and rating: the same number for each, so that all variants count alike.
    private static final int WORDINGS = 3;

    /// Number of variants of a sentence. Variants of a fact that is unsaid, or has no slot in the frame, are equal.
    static final int VARIANTS = FRAMES.size() * DISHES.size() * WORDINGS * WORDINGS * WORDINGS;

    /// Number of different sentences if rating and landmark are unsaid.
    static final int LEAST_DIFFERENT = FRAMES.size() * DISHES.size() * WORDINGS;

    private RestaurantSentences() {
    }

    /// @param variant 0 ≤ variant < VARIANTS
    static String realise(Restaurant restaurant, int variant) {
        int rest = variant;
        String frame = FRAMES.get(rest % FRAMES.size());
        rest /= FRAMES.size();
        String dishes = DISHES.get(rest % DISHES.size());
        rest /= DISHES.size();
        int price = rest % WORDINGS;
        int near = rest / WORDINGS % WORDINGS;
        int rated = rest / WORDINGS / WORDINGS;
        return frame
                .replace("{near}", restaurant.landmark() == Restaurant.UNSAID ? "" : NEAR.get(near)
                        .replace("{landmark}", "the " + Restaurant.LANDMARKS.get(restaurant.landmark())))
                .replace("{rated}", restaurant.rating() == Restaurant.UNSAID ? ""
                        : RATED.get(restaurant.rating()).get(rated))
                .replace("{name}", restaurant.nameText())
                .replace("{type}", Restaurant.TYPES.get(restaurant.type()))
                .replace("{food}", Restaurant.FOODS.get(restaurant.food()))
                .replace("{area}", Restaurant.AREAS.get(restaurant.area()))
                .replace("{a price}", PRICE.get(restaurant.price()).get(price))
                .replace("{cost}", COST.get(restaurant.price()).get(price))
                .replace("{dishes}", dishes);
    }
}
