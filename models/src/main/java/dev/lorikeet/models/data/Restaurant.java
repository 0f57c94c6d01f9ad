package dev.lorikeet.models.data;

import java.util.ArrayList;
import java.util.List;

/// What a generated sentence says. Every field is an index into its list of words; `rating` and `landmark` may be
/// [#UNSAID]. Names and landmarks are made up from common words.
record Restaurant(int name, int type, int food, int price, int area, int rating, int landmark) {
    static final int UNSAID = -1;

    static final List<String> FIRST = List.of("Amber", "Copper", "Crimson", "Golden", "Humble", "Ivory", "Lucky",
            "Merry", "Quiet", "Rusty", "Silver", "Velvet");
    static final List<String> SECOND = List.of("Anchor", "Badger", "Barrel", "Feather", "Harvest", "Kettle", "Lantern",
            "Magpie", "Orchard", "Pepper", "Saddle", "Walnut");
    static final List<String> TYPES = List.of("bistro", "cafe", "diner", "pub", "tavern");
    static final List<String> FOODS = List.of("French", "Greek", "Indian", "Italian", "Mexican", "Thai", "Turkish",
            "vegan");
    static final List<String> PRICES = List.of("cheap", "moderate", "expensive");
    static final List<String> AREAS = List.of("harbour", "market square", "old town", "station quarter", "upper town");
    static final List<String> RATINGS = List.of("low", "average", "high");
    static final List<String> LANDMARKS = List.of("Crooked Bridge", "Glass Tower", "Hill Theatre", "Long Garden",
            "Seven Arches", "Stone Mill");

    /// Number of names.
    static final int NAMES = FIRST.size() * SECOND.size();

    String nameText() {
        return FIRST.get(name / SECOND.size()) + " " + SECOND.get(name % SECOND.size());
    }

    /// `name : Copper Kettle | type : pub | food : Thai | price : cheap | area : harbour | rating : high | near : …`
    String meaningRepresentation() {
        var slots = new ArrayList<String>();
        slots.add("name : " + nameText());
        slots.add("type : " + TYPES.get(type));
        slots.add("food : " + FOODS.get(food));
        slots.add("price : " + PRICES.get(price));
        slots.add("area : " + AREAS.get(area));
        if (rating != UNSAID) {
            slots.add("rating : " + RATINGS.get(rating));
        }
        if (landmark != UNSAID) {
            slots.add("near : " + LANDMARKS.get(landmark));
        }
        return String.join(" | ", slots);
    }

    /// Number of the combination of type, food, price, area and rating, by which the sets are kept apart.
    int combination() {
        int number = type;
        number = number * FOODS.size() + food;
        number = number * PRICES.size() + price;
        number = number * AREAS.size() + area;
        return number * (RATINGS.size() + 1) + rating + 1;
    }
}
