package dev.lorikeet.bench.report;

import java.util.Locale;

/// Numbers on a logarithmic scale between two pixels.
///
/// @param from  smallest number, above 0
/// @param to    largest number
/// @param start pixel of the smallest
/// @param end   pixel of the largest
record Axis(double from, double to, double start, double end) {
    Axis {
        if (!(from > 0 && to > from)) {
            throw new IllegalArgumentException("a logarithmic axis needs 0 < %s < %s".formatted(from, to));
        }
    }

    /// The pixel of a number.
    double at(double number) {
        return start + (end - start) * Math.log(number / from) / Math.log(to / from);
    }

    /// A number for people: no more digits than it needs.
    static String label(double number) {
        return number >= 100 ? String.format(Locale.ROOT, "%.0f", number) : String.format(Locale.ROOT, "%.3g", number)
                .replaceAll("(\\.\\d*?)0+$", "$1")
                .replaceAll("\\.$", "");
    }
}
