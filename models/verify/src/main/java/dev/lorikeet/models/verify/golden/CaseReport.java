package dev.lorikeet.models.verify.golden;

import java.util.List;
import java.util.Locale;

/// What replaying one case has shown.
///
/// @param name   of the case
/// @param kind   of the case
/// @param checks everything that was compared, and what was not
public record CaseReport(String name, String kind, List<Check> checks) {
    public CaseReport {
        checks = List.copyOf(checks);
    }

    /// Whether everything was compared and is within its tolerance.
    public boolean passed() {
        return !checks.isEmpty() && checks.stream().allMatch(Check::passed);
    }

    /// How many checks ended so.
    public long count(Check.Status status) {
        return checks.stream().filter(check -> check.status() == status).count();
    }

    /// One line per tensor and scalar, then the sum.
    ///
    /// @param all also list what is well; otherwise only what is not
    public String table(boolean all) {
        StringBuilder text = new StringBuilder("%s (%s)%n".formatted(name, kind));
        for (Check check : checks) {
            if (all || !check.passed()) {
                text.append(line(check));
            }
        }
        return text.append(summary()).append(System.lineSeparator()).toString();
    }

    /// `gpt2-tiny: 71 checked, 0 failed, 0 not checked; worst logits at 12 % of its tolerance`.
    public String summary() {
        Check worst = null;
        for (Check check : checks) {
            if (check.status() != Check.Status.NOT_CHECKED && check.tolerance() > 0
                    && (worst == null || ratio(check) > ratio(worst))) {
                worst = check;
            }
        }
        long notChecked = count(Check.Status.NOT_CHECKED);
        return String.format(
                Locale.ROOT, "%s: %d checked, %d failed, %d not checked%s%s", name, checks.size() - notChecked,
                count(Check.Status.FAILED), notChecked,
                worst == null
                        ? ""
                        : "; closest to its tolerance: %s, %.0f %%".formatted(worst.name(), 100 * ratio(worst)),
                passed() ? "" : "  <-- NOT REPRODUCED");
    }

    private static double ratio(Check check) {
        double ratio = check.error() / check.tolerance();
        return Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
    }

    private static String line(Check check) {
        String outcome = switch (check.status()) {
            case PASSED -> "ok";
            case FAILED -> "FAILED";
            case NOT_CHECKED -> "NOT CHECKED";
        };
        String skipped = check.skipped() == 0 ? "" : check.skipped() + " elements left out";
        String remarks = String.join("; ", List.of(check.how(), skipped).stream().filter(s -> !s.isEmpty()).toList());
        return String.format(
                Locale.ROOT, "  %-72s %10s  of %8s  %s%s%n", check.name(), number(check.error()),
                number(check.tolerance()), outcome, remarks.isEmpty() ? "" : "  (" + remarks + ")");
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2e", value);
    }
}
