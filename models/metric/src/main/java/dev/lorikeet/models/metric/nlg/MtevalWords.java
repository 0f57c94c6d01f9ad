package dev.lorikeet.models.metric.nlg;

import java.util.List;
import java.util.regex.Pattern;

/// The tokens of NIST's mteval, version 13a, which sacreBLEU calls `13a`: punctuation and symbols of ASCII are words of
/// their own, but a full stop or comma between digits stays with them.
enum MtevalWords implements Words {
    /// `13a`, for English.
    V13A {
        @Override
        String separated(String line) {
            String text = SYMBOL.matcher(" " + line + " ").replaceAll(" $1 ");
            text = STOP_AFTER_NO_DIGIT.matcher(text).replaceAll("$1 $2 ");
            text = STOP_BEFORE_NO_DIGIT.matcher(text).replaceAll(" $1 $2");
            return DASH_AFTER_DIGIT.matcher(text).replaceAll("$1 $2 ");
        }
    },

    /// `intl`: the same idea by Unicode's categories.
    INTERNATIONAL {
        @Override
        String separated(String line) {
            String text = PUNCTUATION_AFTER_NO_NUMBER.matcher(line).replaceAll("$1 $2 ");
            text = PUNCTUATION_BEFORE_NO_NUMBER.matcher(text).replaceAll(" $1 $2");
            return UNICODE_SYMBOL.matcher(text).replaceAll(" $1 ");
        }
    };

    private static final Pattern SYMBOL = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
    private static final Pattern STOP_AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
    private static final Pattern STOP_BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
    private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");
    private static final Pattern PUNCTUATION_AFTER_NO_NUMBER = Pattern.compile("(\\P{N})(\\p{P})");
    private static final Pattern PUNCTUATION_BEFORE_NO_NUMBER = Pattern.compile("(\\p{P})(\\P{N})");
    private static final Pattern UNICODE_SYMBOL = Pattern.compile("(\\p{S})");

    abstract String separated(String line);

    @Override
    public List<String> of(String line) {
        String text = line.replace("<skipped>", "").replace("-\n", "").replace('\n', ' ');
        if (this == V13A && text.indexOf('&') >= 0) {
            text = text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
        }
        return Words.split(separated(text));
    }
}
