package dev.lorikeet.models.data;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// A data-to-text task that needs no download: invented restaurants and English sentences about them.
/// ```
/// name : Copper Kettle | type : pub | food : Thai | price : cheap | area : old town | rating : high
/// Copper Kettle, a pub in the old town, has Thai dishes at low prices, and its rating is high.
/// ```
/// Like E2E in kind, but smaller in vocabulary: 144 names, 5 types, 8 foods, 3 prices, 5 areas, 3 ratings or none, 6
/// landmarks or none (`Restaurant`), in six sentence frames with three or four wordings of most facts
/// (`RestaurantSentences`). ASCII only; sentences have 60 to 160 bytes; each says all facts of its prompt.
///
/// Of the 2,400 combinations of type, food, price, area and rating about a tenth is held out: the split depends on the
/// combination alone, not on the seed, so no held-out combination is ever seen in training. Pair `i` is a function of
/// (seed, split, i) alone.
public final class GeneratedRestaurants {
    private static final int TRAIN = 0;
    private static final int HELD_OUT = 1;
    private static final int HELD_OUT_SHARE = 10;
    private static final int MOST_GROUPS = 10_000;

    /// Streams of random numbers below a pair's key.
    private static final int FACTS = 0;
    private static final int WORDS = 1;

    private final long seed;

    /// Another seed, other pairs; the split stays.
    public GeneratedRestaurants(long seed) {
        this.seed = seed;
    }

    /// The first `count` training pairs. Prompts may repeat, as they do in E2E.
    public List<TextPair> train(int count) {
        return IntStream.range(0, count).mapToObj(i -> pair(TRAIN, i)).toList();
    }

    /// The first `count` held-out pairs.
    public List<TextPair> heldOut(int count) {
        return IntStream.range(0, count).mapToObj(i -> pair(HELD_OUT, i)).toList();
    }

    /// `count` different held-out prompts with `references` different sentences each, for metrics. The first prompts
    /// are those of [#heldOut].
    ///
    /// @throws IllegalArgumentException for more than 10,000 prompts, or references below 1 or above 72, which is how
    ///                                  many sentences there are for the shortest prompt
    public List<ReferenceGroup> heldOutGroups(int count, int references) {
        if (references < 1 || references > RestaurantSentences.LEAST_DIFFERENT || count < 0 || count > MOST_GROUPS) {
            throw new IllegalArgumentException("up to %d prompts with 1 to %d references each, not %d with %d"
                    .formatted(MOST_GROUPS, RestaurantSentences.LEAST_DIFFERENT, count, references));
        }
        Set<String> seen = new LinkedHashSet<>();
        var groups = new ArrayList<ReferenceGroup>(count);
        for (int i = 0; groups.size() < count; i++) {
            Restaurant restaurant = restaurant(HELD_OUT, i);
            if (seen.add(restaurant.meaningRepresentation())) {
                groups.add(new ReferenceGroup(restaurant.meaningRepresentation(),
                        sentences(restaurant, i, references)));
            }
        }
        return groups;
    }

    static boolean isHeldOut(Restaurant restaurant) {
        return SplitMix.below(HELD_OUT_SHARE, 0, restaurant.combination()) == 0;
    }

    private TextPair pair(int split, int i) {
        Restaurant restaurant = restaurant(split, i);
        return new TextPair(restaurant.meaningRepresentation(), sentence(split, restaurant, i, 0));
    }

    /// Draws until the combination belongs to the split: 1.1 times on average for training, 10 times for held-out.
    private Restaurant restaurant(int split, int i) {
        for (int attempt = 0; ; attempt++) {
            long key = SplitMix.key(key(split, i, FACTS), attempt);
            var drawn = new Restaurant(SplitMix.below(Restaurant.NAMES, key, 0),
                    SplitMix.below(Restaurant.TYPES.size(), key, 1), SplitMix.below(Restaurant.FOODS.size(), key, 2),
                    SplitMix.below(Restaurant.PRICES.size(), key, 3), SplitMix.below(Restaurant.AREAS.size(), key, 4),
                    SplitMix.below(Restaurant.RATINGS.size() + 1, key, 5) - 1,
                    SplitMix.below(Restaurant.LANDMARKS.size() + 1, key, 6) - 1);
            if (isHeldOut(drawn) == (split == HELD_OUT)) {
                return drawn;
            }
        }
    }

    private String sentence(int split, Restaurant restaurant, int i, int draw) {
        return RestaurantSentences.realise(restaurant,
                SplitMix.below(RestaurantSentences.VARIANTS, key(split, i, WORDS), draw));
    }

    private List<String> sentences(Restaurant restaurant, int i, int count) {
        var sentences = new LinkedHashSet<String>();
        for (int draw = 0; sentences.size() < count; draw++) {
            sentences.add(sentence(HELD_OUT, restaurant, i, draw));
        }
        return List.copyOf(sentences);
    }

    private long key(int split, int i, int stream) {
        return SplitMix.key(SplitMix.key(SplitMix.key(seed, split), i), stream);
    }
}
