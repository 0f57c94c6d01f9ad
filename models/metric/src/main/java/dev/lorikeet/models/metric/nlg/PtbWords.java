package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The tokens of the Penn Treebank as Stanford's PTBTokenizer (3.4.1, `-preserveLines -lowerCase`) writes them: words
/// with hyphens stay whole, `n't` and `'s` are split off, quotes are opening or closing ones, `£` is `#`, brackets have
/// names.
///
/// Held to that program's output for 25,296 sentences of the E2E challenge. Web addresses, emoticons and other rarities
/// that do not occur there may be split otherwise.
final class PtbWords implements Words {
    private static final Pattern TOKEN = Pattern.compile(String.join("|",
            "(?<dots>\\.{3,}|…)",
            "(?<dashes>-{2,}|[–—])",
            "(?<number>[-+]?(?<![\\p{L}\\p{N}])(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:[.:]\\d+)*"
                    + "(?:-\\d+(?:\\.\\d+)*)*(?![\\p{L}\\d])(?!-\\p{L}))",
            "(?<initials>(?:\\p{L}\\.){2,})",
            "(?<word>[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}]|[-.&_@](?=[\\p{L}\\p{N}])|['’](?=\\p{L}))*)",
            "(?<quote>[\"“”])",
            "(?<apostrophe>['’‘`])",
            "(?<other>\\S)"));
    private static final Pattern CONTRACTION =
            Pattern.compile("(.+?)(n['’]t|['’](?:s|re|ve|ll|d|m))", Pattern.CASE_INSENSITIVE);
    private static final Pattern SUFFIX =
            Pattern.compile("['’](?:s|re|ve|ll|d|m)(?![\\p{L}\\p{N}])", Pattern.CASE_INSENSITIVE);
    /// What an opening quote stands before: not a year, not the rest of a word.
    private static final Pattern QUOTED = Pattern.compile("\\p{L}{2}|[AI]\\b");
    private static final Set<String> ABBREVIATIONS = Set.of(
            "mr", "mrs", "ms", "dr", "st", "prof", "jr", "sr", "vs", "etc", "inc", "ltd", "co", "corp", "ave", "rd",
            "blvd", "no", "dept", "approx", "gen", "col", "sgt", "capt", "lt", "rev", "hon", "jan", "feb", "mar",
            "apr", "aug",
            "sept", "sep", "oct", "nov", "dec");

    @Override
    public List<String> of(String line) {
        List<String> words = new ArrayList<>();
        Matcher token = TOKEN.matcher(line);
        int at = 0;
        while (at < line.length() && token.find(at)) {
            at = token.end();
            if (token.group("word") != null) {
                at = addWord(words, line, token.group(), at);
            } else if (token.group("apostrophe") != null) {
                at = addApostrophe(words, line, token.start(), at);
            } else {
                words.add(symbol(token, line));
            }
        }
        return words;
    }

    /// @return where the line goes on
    private static int addWord(List<String> words, String line, String word, int end) {
        Matcher contraction = CONTRACTION.matcher(word);
        if (contraction.matches()) {
            words.add(lower(contraction.group(1)));
            words.add(lower(contraction.group(2)).replace('’', '\''));
            return end;
        }
        if (word.equalsIgnoreCase("cannot")) {
            words.add("can");
            words.add("not");
            return end;
        }
        // A full stop stays with an abbreviation, and with any word where a comma follows: no sentence ends there.
        boolean stop = line.startsWith(".", end) && end + 1 < line.length()
                && (ABBREVIATIONS.contains(lower(word)) || line.startsWith(".,", end));
        words.add(lower(stop ? word + "." : word));
        return stop ? end + 1 : end;
    }

    private static int addApostrophe(List<String> words, String line, int start, int end) {
        Matcher suffix = SUFFIX.matcher(line).region(start, line.length());
        if (start > 0 && suffix.lookingAt()) {
            words.add(lower(suffix.group()).replace('’', '\''));
            return suffix.end();
        }
        char c = line.charAt(start);
        boolean opens = c == '‘' || c == '`' || c == '\'' && opens(line, start)
                && QUOTED.matcher(line).region(start + 1, line.length()).lookingAt();
        words.add(opens ? "`" : "'");
        return end;
    }

    private static boolean opens(String line, int quote) {
        return quote + 1 < line.length() && !Character.isWhitespace(line.charAt(quote + 1))
                && (quote == 0 || Character.isWhitespace(line.charAt(quote - 1))
                        || "([{".indexOf(line.charAt(quote - 1)) >= 0);
    }

    private static String symbol(Matcher token, String line) {
        String text = token.group();
        if (token.group("dots") != null) {
            return "...";
        }
        if (token.group("dashes") != null) {
            return "--";
        }
        if (token.group("quote") != null) {
            return text.equals("“") || text.equals("\"") && opens(line, token.start()) ? "``" : "''";
        }
        return switch (text) {
            case "(" -> "-lrb-";
            case ")" -> "-rrb-";
            case "[" -> "-lsb-";
            case "]" -> "-rsb-";
            case "{" -> "-lcb-";
            case "}" -> "-rcb-";
            case "£" -> "#";
            case "€" -> "$";
            case "/" -> "\\/";
            case "*" -> "\\*";
            default -> lower(text);
        };
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
