package dev.lorikeet.models.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The E2E NLG challenge: a meaning representation (MR) of a restaurant, and a sentence that says it.
///
/// Two forms, chosen by the name of the file (`.csv`, `.csv.gz`, or anything else):
/// - **text**, the LoRA paper's files: `name : X | Type : Y||The text . ` per line. The line is stripped, as the
///   paper's converter does, so the blank that ends every text is gone.
/// - **CSV**, the original files: header `mr,ref` (or `MR` alone), `name[X], eatType[Y]`. The MR is rewritten into the
///   text form ([#linearise]), so that a model trained on one form understands the other; the texts stay as they are
///   (natural, not tokenised).
public final class E2e {
    private static final String SEPARATOR = "||";
    private static final Pattern SLOT = Pattern.compile("\\s*([^\\[\\],]+)\\[([^\\]]*)\\]\\s*(,|$)");
    private static final Map<String, String> NAMES =
            Map.of("eatType", "Type", "priceRange", "price", "familyFriendly", "family friendly");

    private E2e() {
    }

    /// All pairs of the file in its order.
    ///
    /// @throws DataException if the file is missing or empty or a line is not of the form above
    public static List<TextPair> pairs(Path file) {
        return isCsv(file) ? csvPairs(file) : textPairs(file);
    }

    /// The MRs in text form, one for each record or line, whether or not texts stand beside them.
    ///
    /// @throws DataException if the file is missing or empty or a line is not of the form above
    public static List<String> meaningRepresentations(Path file) {
        if (!isCsv(file)) {
            return textPairs(file).stream().map(TextPair::prompt).toList();
        }
        List<Csv.Row> rows = rows(file, 1);
        return rows.stream().map(row -> linearise(file, row)).toList();
    }

    /// `name[The Eagle], priceRange[less than £20]` → `name : The Eagle | price : less than £ 20`: the paper's names of
    /// the slots, its separators, and its tokenised numbers. Gives the paper's prompts for all of E2E's dev and test
    /// sets.
    ///
    /// @throws IllegalArgumentException if `mr` is not a list of `slot[value]`
    public static String linearise(String mr) {
        var slots = new ArrayList<String>();
        Matcher slot = SLOT.matcher(mr);
        int at = 0;
        boolean more = true;
        while (more && slot.find(at) && slot.start() == at) {
            String value = slot.group(2).replace("£", "£ ").replaceAll("(\\d)-(\\d)", "$1 - $2");
            slots.add(NAMES.getOrDefault(slot.group(1), slot.group(1)) + " : " + value);
            more = !slot.group(3).isEmpty();
            at = slot.end();
        }
        if (more || at < mr.length()) {
            throw new IllegalArgumentException("expected slot[value], slot[value], …; found "
                    + DataException.quote(mr));
        }
        return String.join(" | ", slots);
    }

    private static boolean isCsv(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".csv") || name.endsWith(".csv.gz");
    }

    private static List<TextPair> textPairs(Path file) {
        List<String> lines = DataFile.lines(file);
        var pairs = new ArrayList<TextPair>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            int at = line.indexOf(SEPARATOR);
            if (line.isEmpty()) {
                continue;
            }
            if (at < 1 || line.indexOf(SEPARATOR, at + SEPARATOR.length()) >= 0) {
                throw new DataException(file, i + 1, "`meaning representation||text` with exactly one ||",
                        DataException.quote(line));
            }
            pairs.add(new TextPair(line.substring(0, at), line.substring(at + SEPARATOR.length())));
        }
        return pairs;
    }

    private static List<TextPair> csvPairs(Path file) {
        return rows(file, 2).stream()
                .map(row -> new TextPair(linearise(file, row), row.fields().get(1).strip())).toList();
    }

    /// The records below the header, each with at least `columns` fields.
    private static List<Csv.Row> rows(Path file, int columns) {
        List<Csv.Row> rows = Csv.read(file);
        if (rows.isEmpty()) {
            throw DataFile.empty(file);
        }
        List<String> header = rows.getFirst().fields();
        List<String> expected = List.of("mr", "ref").subList(0, columns);
        if (header.size() < columns || header.size() > 2 || !header.getFirst().equalsIgnoreCase("mr")
                || columns == 2 && !header.get(1).equalsIgnoreCase("ref")) {
            throw new DataException(file, rows.getFirst().line(), "the header `" + String.join(",", expected) + "`",
                    DataException.quote(String.join(",", header)));
        }
        if (rows.size() == 1) {
            throw DataFile.empty(file);
        }
        for (Csv.Row row : rows) {
            if (row.fields().size() != header.size()) {
                throw new DataException(file, row.line(), header.size() + " fields as in the header",
                        row.fields().size() + ": " + DataException.quote(String.join(",", row.fields())));
            }
        }
        return rows.subList(1, rows.size());
    }

    private static String linearise(Path file, Csv.Row row) {
        try {
            return linearise(row.fields().getFirst());
        } catch (IllegalArgumentException e) {
            throw new DataException(file, row.line(), "a meaning representation `slot[value], slot[value]`",
                    DataException.quote(row.fields().getFirst()));
        }
    }
}
