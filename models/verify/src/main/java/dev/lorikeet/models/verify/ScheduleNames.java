package dev.lorikeet.models.verify;

import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.nn.optim.Schedule;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Schedules by the names that cases give them: `linear_<warm-up>_<total>`, `cosine_3_20`, `cosine_0_20_cycles1`,
/// `polynomial_2_20_p2`, …
final class ScheduleNames {
    private static final String NUMBER = "([0-9]+(?:\\.[0-9]+)?)";
    private static final Pattern CONSTANT = Pattern.compile("constant(?:_warmup_" + NUMBER + ")?");
    private static final Pattern LINEAR = Pattern.compile("linear_" + NUMBER + "_" + NUMBER);
    private static final Pattern COSINE =
            Pattern.compile("cosine_" + NUMBER + "_" + NUMBER + "(?:_cycles" + NUMBER + ")?");
    private static final Pattern RESTARTS =
            Pattern.compile("cosine_restarts_" + NUMBER + "_" + NUMBER + "_" + NUMBER);
    private static final Pattern POLYNOMIAL =
            Pattern.compile("polynomial_" + NUMBER + "_" + NUMBER + "_p" + NUMBER);
    private static final Pattern INVERSE_ROOT = Pattern.compile("inverse_sqrt_" + NUMBER);
    private static final Pattern PAPER_COSINE = Pattern.compile("nlg_cosine_" + NUMBER + "_" + NUMBER);

    private ScheduleNames() {}

    /// The factors of as many steps as `expected` has.
    ///
    /// @param expected also tells what a polynomial schedule ends at, which its name does not
    static double[] factors(String name, double[] expected) {
        Schedule schedule = schedule(name, expected);
        double[] factors = new double[expected.length];
        for (int step = 0; step < factors.length; step++) {
            factors[step] = schedule.factor(step);
        }
        return factors;
    }

    private static Schedule schedule(String name, double[] expected) {
        Matcher m = match(CONSTANT, name);
        if (m.matches()) {
            return Schedule.constant(m.group(1) == null ? 0 : steps(m, 1));
        }
        if ((m = match(LINEAR, name)).matches()) {
            return Schedule.linear(steps(m, 1), steps(m, 2));
        }
        if ((m = match(COSINE, name)).matches()) {
            double cycles = m.group(3) == null ? 0.5 : Double.parseDouble(m.group(3));
            return Schedule.cosine(steps(m, 1), steps(m, 2), cycles);
        }
        if ((m = match(RESTARTS, name)).matches()) {
            return Schedule.cosineRestarts(steps(m, 1), steps(m, 2), steps(m, 3));
        }
        if ((m = match(POLYNOMIAL, name)).matches()) {
            double end = steps(m, 2) < expected.length ? expected[expected.length - 1] : 1e-3;
            return Schedule.polynomial(steps(m, 1), steps(m, 2), Double.parseDouble(m.group(3)), end);
        }
        if ((m = match(INVERSE_ROOT, name)).matches()) {
            return Schedule.inverseRoot(steps(m, 1));
        }
        if ((m = match(PAPER_COSINE, name)).matches()) {
            return Schedule.paperCosine(steps(m, 1), steps(m, 2));
        }
        throw new NotReplayed("there is no schedule '%s'".formatted(name));
    }

    private static Matcher match(Pattern pattern, String name) {
        return pattern.matcher(name);
    }

    private static long steps(Matcher m, int group) {
        return Long.parseLong(m.group(group));
    }
}
