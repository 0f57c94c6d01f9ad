package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// METEOR's words of normalised English, in lower case: punctuation by itself, `'s` and its like split off, a comma
/// between digits kept, a full stop split off where a word ends unless the word is an abbreviation.
final class MeteorWords implements Words {
    private static final Pattern SYMBOL = Pattern.compile("([^\\p{L}\\p{N}\\p{M}\\s.'`,\\-])");
    private static final Pattern COMMA = Pattern.compile("(?<!\\p{N}),|,(?!\\p{N})");
    private static final Pattern QUOTE_AFTER_NO_LETTER = Pattern.compile("(?<!\\p{L})(['`])");
    private static final Pattern QUOTE_BEFORE_NO_LETTER = Pattern.compile("(['`])(?!\\p{L})");
    private static final Pattern CONTRACTION = Pattern.compile("(?<=\\p{L})'(?=\\p{L})");
    private static final Pattern INITIALS = Pattern.compile("\\p{L}(\\.\\p{L})*");

    @Override
    public List<String> of(String line) {
        String plain = line.toLowerCase(Locale.ROOT).replace("``", "\"").replace("''", "\"").replace('`', '\'');
        String text = SYMBOL.matcher(plain).replaceAll(" $1 ");
        text = COMMA.matcher(text).replaceAll(" , ");
        text = QUOTE_AFTER_NO_LETTER.matcher(text).replaceAll(" $1 ");
        text = QUOTE_BEFORE_NO_LETTER.matcher(text).replaceAll(" $1 ");
        text = CONTRACTION.matcher(text).replaceAll(" '");
        List<String> words = new ArrayList<>();
        List<String> split = Words.split(text);
        for (int i = 0; i < split.size(); i++) {
            addWithStop(words, split.get(i), i + 1 == split.size());
        }
        return words;
    }

    private static void addWithStop(List<String> words, String word, boolean last) {
        int stop = word.length() - 1;
        if (stop <= 0 || word.charAt(stop) != '.' || word.chars().allMatch(c -> c == '.')) {
            words.add(word);
            return;
        }
        String before = word.substring(0, stop);
        if (!last && INITIALS.matcher(before).matches()) {
            words.add(word);
        } else {
            words.add(before);
            words.add(".");
        }
    }
}
