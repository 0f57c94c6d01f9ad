package dev.lorikeet.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// The tests of a device where there is no Maven: `java -Dlorikeet.device=cuda:0 … DeviceChecks`, see [DeviceTest].
/// Tells what became of each group of checks (each kernel of the contract, each other test) as a [Row] as soon as the
/// group has ended, and the first failure of it in full. Ends with 1 if something failed or nothing was checked.
public final class DeviceChecks implements TestExecutionListener {
    private record Tally(int passed, int failed, int skipped, String first) {
        static final Tally NONE = new Tally(0, 0, 0, "");

        Tally and(TestExecutionResult result) {
            boolean well = result.getStatus() == Status.SUCCESSFUL;
            boolean aborted = result.getStatus() == Status.ABORTED;
            String what = result.getThrowable().map(Throwable::toString).orElse("");
            return new Tally(passed + (well ? 1 : 0), failed + (well || aborted ? 0 : 1), skipped + (aborted ? 1 : 0),
                    first.isEmpty() ? what : first);
        }
    }

    private final Map<String, Tally> open = new LinkedHashMap<>();
    private TestPlan plan;
    private int passed;
    private int failed;

    private DeviceChecks() {}

    /// @param none nothing
    public static void main(String[] none) {
        DeviceChecks checks = new DeviceChecks();
        LauncherFactory.create().execute(
                LauncherDiscoveryRequestBuilder.request().selectors(selectClass(DeviceTest.class)).build(), checks);
        System.out.printf(Locale.ROOT, "%d passed, %d failed%n", checks.passed, checks.failed);
        System.exit(checks.failed == 0 && checks.passed > 0 ? 0 : 1);
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            String group = group(test);
            open.merge(group, Tally.NONE.and(result), (tally, _) -> tally.and(result));
            passed += result.getStatus() == Status.SUCCESSFUL ? 1 : 0;
            failed += result.getStatus() == Status.FAILED ? 1 : 0;
            result.getThrowable().filter(_ -> open.get(group).failed() <= 1)
                    .ifPresent(failure -> failure.printStackTrace(System.out));
            if (!inContainer(test)) {
                tell(group);
            }
        } else if (open.containsKey(test.getDisplayName())) {
            tell(test.getDisplayName());
        } else if (result.getStatus() == Status.FAILED) {
            failed++;
            Row.tell("checks", test.getDisplayName(), "passed", false, "failure", "" + result.getThrowable());
        }
    }

    /// The kernel for a check of the contract, the method for others.
    private String group(TestIdentifier test) {
        return inContainer(test) ? plan.getParent(test).orElseThrow().getDisplayName() : test.getDisplayName();
    }

    private static boolean inContainer(TestIdentifier test) {
        return test.getUniqueId().contains("[dynamic-container:");
    }

    private void tell(String group) {
        Tally tally = open.remove(group);
        Row.tell("checks", group, "passed", tally.failed() == 0, "well", tally.passed(), "failed", tally.failed(),
                "skipped", tally.skipped(), "failure", tally.first());
    }
}
