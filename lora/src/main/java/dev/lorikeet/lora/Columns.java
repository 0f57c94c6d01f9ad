package dev.lorikeet.lora;

import dev.lorikeet.autograd.op.ColumnSlice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which output columns of a projection are updated: all of them, or some parts of a fused projection. A part is `q`,
/// `k` or `v` (a third of the columns each, in this order) or a range such as `0:64`.
///
/// Every part is an update of its own rank, as in `MergedLinear` of loralib: `[q,v]` is what the paper trains in GPT-2.
///
/// @param parts the parts; empty for all columns as one
public record Columns(List<String> parts) {
    private static final String THIRDS = "qkv";
    private static final Pattern PART = Pattern.compile("[qkv]|(\\d{1,9}):(\\d{1,9})");

    public Columns {
        for (String part : parts) {
            if (!PART.matcher(part).matches()) {
                throw new IllegalArgumentException(
                        "columns '%s' are neither q, k or v nor a range like 0:64".formatted(part));
            }
        }
        if (parts.stream().distinct().count() < parts.size()) {
            throw new IllegalArgumentException("columns %s name a part twice".formatted(parts));
        }
        parts = parts.stream().sorted(Comparator.comparingInt(THIRDS::indexOf)).toList();
    }

    /// All columns as one update.
    public static Columns all() {
        return new Columns(List.of());
    }

    /// The parts of `text`, separated by commas.
    public static Columns parse(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            parts.add(part.strip());
        }
        return new Columns(parts);
    }

    /// Whether these are all columns as one.
    public boolean isAll() {
        return parts.isEmpty();
    }

    /// Number of separate updates, `G`.
    public int groups() {
        return Math.max(1, parts.size());
    }

    /// The columns as numbers, from left to right.
    ///
    /// @param path the projection, for the error
    /// @param out  how many columns it has
    /// @throws IllegalArgumentException if they do not fit it, or overlap
    public List<ColumnSlice> slices(String path, int out) {
        if (isAll()) {
            return List.of(new ColumnSlice(0, out));
        }
        List<ColumnSlice> slices = new ArrayList<>();
        for (String part : parts) {
            slices.add(slice(path, part, out));
        }
        slices.sort(Comparator.comparingInt(ColumnSlice::from));
        for (int i = 0; i < slices.size(); i++) {
            if (slices.get(i).to() > out || (i > 0 && slices.get(i).from() < slices.get(i - 1).to())) {
                throw new IllegalArgumentException(
                        "columns %s of '%s' overlap or go beyond its %d columns".formatted(this, path, out));
            }
        }
        return List.copyOf(slices);
    }

    private static ColumnSlice slice(String path, String part, int out) {
        int third = THIRDS.indexOf(part);
        if (third >= 0) {
            if (out % 3 != 0) {
                throw new IllegalArgumentException(
                        "'%s' has %d columns, which is not q, k and v side by side: give a range instead of '%s'"
                                .formatted(path, out, part));
            }
            return new ColumnSlice(third * (out / 3), (third + 1) * (out / 3));
        }
        Matcher range = PART.matcher(part);
        range.matches();
        return new ColumnSlice(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
    }

    /// `[q,v]`, or nothing for all columns: the form that [Targets#parse] reads behind a name.
    @Override
    public String toString() {
        return isAll() ? "" : "[" + String.join(",", parts) + "]";
    }
}
