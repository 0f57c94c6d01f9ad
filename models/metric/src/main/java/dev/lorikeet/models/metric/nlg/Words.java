package dev.lorikeet.models.metric.nlg;

import java.util.ArrayList;
import java.util.List;

/// How a line of text becomes words. Scorers differ more in this than in their formulas.
interface Words {
    List<String> of(String line);

    /// Between white space, as they stand.
    static Words asGiven() {
        return Words::split;
    }

    /// These words with A–Z as a–z. Other letters keep their case, as in scorers that read bytes.
    default Words lowerCased() {
        return line -> of(lowerAscii(line));
    }

    static List<String> split(String line) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i <= line.length(); i++) {
            boolean space = i == line.length() || line.charAt(i) == ' '
                    || line.charAt(i) >= '\t' && line.charAt(i) <= '\r';
            if (space && start >= 0) {
                words.add(line.substring(start, i));
                start = -1;
            } else if (!space && start < 0) {
                start = i;
            }
        }
        return words;
    }

    static String lowerAscii(String text) {
        StringBuilder lower = new StringBuilder(text);
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                lower.setCharAt(i, (char) (c + 'a' - 'A'));
            }
        }
        return lower.toString();
    }
}
