package dev.lorikeet.bench.compare;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many cores the machine spent on work that is not ours, between the creation of this object and a call of
/// [#otherCores]: busy time of all processors from `/proc/stat`, less the CPU time of this process.
///
/// A hypervisor that takes the core away is counted too ("steal"): to us it is other work.
final class MachineLoad {
    private static final Path STAT = Path.of("/proc/stat");
    private static final double TICKS_PER_SECOND = 100;      // USER_HZ, fixed by Linux' interface to user space

    private final Path stat;
    private final double wall;
    private final double busy;
    private final double own;

    MachineLoad() {
        this(STAT);
    }

    MachineLoad(Path stat) {
        this.stat = stat;
        wall = Clock.SYSTEM.seconds();
        busy = busySeconds(stat);
        own = ownSeconds();
    }

    /// Average number of cores that did other work since creation; not a number where there is no `/proc/stat`.
    double otherCores() {
        double seconds = Clock.SYSTEM.seconds() - wall;
        return Math.max(0, (busySeconds(stat) - busy - (ownSeconds() - own)) / seconds);
    }

    /// Seconds that all processors together were not idle since the machine started.
    static double busySeconds(Path stat) {
        if (!Files.exists(stat)) {
            return Double.NaN;
        }
        try (var lines = Files.lines(stat)) {
            // cpu user nice system idle iowait irq softirq steal guest guest_nice; user contains guest
            String[] fields = lines.findFirst().orElse("").trim().split("\\s+");
            if (fields.length < 9 || !fields[0].equals("cpu")) {
                return Double.NaN;
            }
            double ticks = 0;
            for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static double ownSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1e9
                : Double.NaN;
    }
}
