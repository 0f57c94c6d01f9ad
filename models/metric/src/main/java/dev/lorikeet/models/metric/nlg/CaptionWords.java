package dev.lorikeet.models.metric.nlg;

import java.util.List;
import java.util.Set;

/// The words that the scorers of image captioning compare, and with them the E2E challenge: [PtbWords] without
/// punctuation. Round brackets stay, as there: the list of what goes names them in capitals.
final class CaptionWords implements Words {
    private static final Set<String> PUNCTUATION =
            Set.of("''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";");

    private final Words words = new PtbWords();

    @Override
    public List<String> of(String line) {
        return words.of(line).stream().filter(word -> !PUNCTUATION.contains(word)).toList();
    }
}
