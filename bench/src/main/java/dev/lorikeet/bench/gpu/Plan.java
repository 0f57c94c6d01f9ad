package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.process.IsolatedJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The parts of the suite in the order in which they are run: what others refer to first, then what matters most.
public final class Plan {
    private static final String MAIN = "dev.lorikeet.bench.cli.Main";
    private static final String DEVICE_CHECKS = "dev.lorikeet.cuda.DeviceChecks";
    private static final String CURAND_RACE = "dev.lorikeet.cuda.CurandRace";
    /// What compute-sanitizer says where it cannot look into the device.
    private static final List<String> NO_SANITIZER = List.of("Device not supported", "No supported GPUs");

    private final PartSettings settings;
    private final List<Part> parts = new ArrayList<>();

    /// Every part.
    public Plan(PartSettings settings) {
        this.settings = settings;
        boolean full = settings.size() == Size.FULL;
        ours("device", "what is there", 120);
        ours("ceilings", "what the device can do at best", 90);
        settings.modes().forEach(this::checks);
        ours("golden", "golden cases of the reference libraries", 180);
        for (String workload : Workload.NAMES) {
            ours("step/" + workload, "training steps, ours and the peers' in turns", full ? 420 : 240);
        }
        for (String model : KernelPart.MODELS) {
            ours("kernels/" + model, "each kernel against its ceiling", 90);
        }
        ours("low-rank", "products of a low-rank delta: our kernels against cuBLAS", 90);
        ours("random", "the device's random numbers are the processor's", 90);
        parts.add(new Part("curand", "cuRAND's Philox is ours, in another order",
                java(List.of(), CURAND_RACE, settings.device(), size()), 60));
        for (String mode : settings.modes()) {
            sanitized("memcheck", mode, List.of("--report-api-errors", "no"));      // some checks provoke errors
            sanitized("racecheck", mode, List.of());
            sanitized("synccheck", mode, List.of());
        }
    }

    private void sanitized(String tool, String mode, List<String> options) {
        List<String> command = new ArrayList<>(
                List.of("compute-sanitizer", "--tool", tool, "--target-processes", "all", "--error-exitcode", "9"));
        command.addAll(options);
        command.addAll(java(checking(settings.deviceIn(mode), "small"), DEVICE_CHECKS));
        parts.add(new Part("sanitizer/%s-%s".formatted(tool, mode),
                "small shapes of the kernel contract under compute-sanitizer, products in " + mode, command, 240,
                NO_SANITIZER));
    }

    private void ours(String name, String about, int seconds) {
        parts.add(new Part(name, about, java(List.of(), MAIN, "gpu-part", name, "--device", settings.device(),
                "--size", size(), "--modes", String.join(",", settings.modes()),
                "--fixtures", settings.fixtures().toString(), "--peer", settings.peer().toString(),
                "--python", settings.python()), seconds));
    }

    private String size() {
        return settings.size().name().toLowerCase(Locale.ROOT);
    }

    private void checks(String mode) {
        parts.add(new Part("contract/" + mode, "every kernel against the specification, products in " + mode,
                java(checking(settings.deviceIn(mode), settings.size() == Size.TINY ? "small" : "all"),
                        DEVICE_CHECKS), 240));
    }

    private static List<String> checking(String device, String extent) {
        return List.of("-Dlorikeet.device=" + device, "-Dlorikeet.extent=" + extent);
    }

    private static List<String> java(List<String> options, String main, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-Xmx4g", "-Xlog:disable", "-Xlog:all=error:stderr"));
        all.addAll(options);
        return IsolatedJvm.command(all, main, List.of(arguments));
    }

    /// Those whose names match one of `patterns`, in which `*` stands for anything; a pattern of its first word alone
    /// means all below it. All if there is no pattern; the first, which says what device it is, always.
    ///
    /// @throws IllegalArgumentException if a pattern matches none
    List<Part> matching(List<String> patterns) {
        List<Part> chosen = patterns.isEmpty() ? parts : new ArrayList<>();
        if (!patterns.isEmpty()) {
            for (String pattern : patterns) {
                if (parts.stream().noneMatch(part -> matches(part, pattern))) {
                    throw new IllegalArgumentException("no part is called '%s'; there are %s".formatted(
                            pattern, names()));
                }
            }
            parts.stream().filter(part -> part == parts.getFirst()
                    || patterns.stream().anyMatch(pattern -> matches(part, pattern))).forEach(chosen::add);
        }
        return chosen;
    }

    private static boolean matches(Part part, String pattern) {
        String expression = ("\\Q" + pattern + "\\E").replace("*", "\\E.*\\Q");
        return Pattern.matches(expression + "(/.*)?", part.name());
    }

    /// Names of all parts, in order.
    List<String> names() {
        return names(List.of());
    }

    /// Names of those that match `patterns`, in order.
    ///
    /// @throws IllegalArgumentException if a pattern matches none
    public List<String> names(List<String> patterns) {
        return matching(patterns).stream().map(Part::name).toList();
    }
}
