package dev.lorikeet.models.data;

import java.util.ArrayList;
import java.util.List;

/// One prompt of a test set and all its reference texts, as BLEU and its relatives want them.
///
/// @param prompt     the prompt
/// @param references at least one text
public record ReferenceGroup(String prompt, List<String> references) {
    /// Refuses a prompt without references.
    public ReferenceGroup {
        references = List.copyOf(references);
        if (references.isEmpty()) {
            throw new IllegalArgumentException("no reference for prompt '" + prompt + "'");
        }
    }

    /// Groups *consecutive* pairs with equal prompts, as E2E's test set means it (630 groups of 4,693 lines).
    public static List<ReferenceGroup> of(List<TextPair> pairs) {
        var groups = new ArrayList<ReferenceGroup>();
        var references = new ArrayList<String>();
        for (int i = 0; i < pairs.size(); i++) {
            TextPair pair = pairs.get(i);
            references.add(pair.completion());
            if (i + 1 == pairs.size() || !pairs.get(i + 1).prompt().equals(pair.prompt())) {
                groups.add(new ReferenceGroup(pair.prompt(), references));
                references.clear();
            }
        }
        return groups;
    }
}
