package dev.lorikeet.bench.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The parts of the suite in the order in which they are run: what others refer to first, then what matters most.
public final class Plan {
    private static final String MAIN = "dev.lorikeet.bench.cli.Main";
    private static final String DEVICE_CHECKS = "dev.lorikeet.cuda.DeviceChecks";
    private static final String CURAND_RACE = "dev.lorikeet.cuda.CurandRace";
    private static final String LOW_RANK_RACE = "dev.lorikeet.cuda.LowRankRace";

    private final PartSettings settings;
    private final List<Part> parts = new ArrayList<>();

    /// Every part.
    public Plan(PartSettings settings) {
        this.settings = settings;
        boolean full = settings.size() == Size.FULL;
        ours("device", "what is there", 120);
        ours("ceilings", "what the device can do at best", 90);
        checks("f32", 240);
        ours("golden", "golden cases of the reference libraries", 180);
        for (String workload : Workload.NAMES) {
            ours("step/" + workload, "training steps, ours and the peers' in turns", full ? 420 : 240);
        }
        for (String model : List.of("gpt2", "gpt2-medium", "roberta-base")) {
            ours("kernels/" + model, "each kernel against its ceiling", 90);
        }
        parts.add(new Part("low-rank", "products of a low-rank delta: ours against two of cuBLAS",
                java(List.of(), LOW_RANK_RACE, settings.device(), size()), 60));
        ours("random", "the device's random numbers are the processor's", 90);
        parts.add(new Part("curand", "cuRAND's Philox is ours, in another order",
                java(List.of(), CURAND_RACE, settings.device(), size()), 60));
        settings.modes().stream().filter(mode -> !mode.equals("f32")).forEach(mode -> checks(mode, 240));
        List<String> sanitized = new ArrayList<>(
                List.of("compute-sanitizer", "--tool", "memcheck", "--error-exitcode", "9"));
        sanitized.addAll(java(checking(settings.device(), "small"), DEVICE_CHECKS));
        parts.add(new Part("sanitizer", "the kernel contract under compute-sanitizer's memcheck", sanitized, 300));
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

    private void checks(String mode, int seconds) {
        parts.add(new Part("contract/" + mode, "every kernel against the specification, products in " + mode,
                java(checking(settings.deviceIn(mode), settings.size() == Size.TINY ? "small" : "all"),
                        DEVICE_CHECKS), seconds));
    }

    private static List<String> checking(String device, String extent) {
        return List.of("-Dlorikeet.device=" + device, "-Dlorikeet.extent=" + extent);
    }

    private static List<String> java(List<String> options, String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx4g",
                "-XX:+UseSerialGC", "-Xlog:disable", "-Xlog:all=error:stderr",
                "-cp", System.getProperty("java.class.path")));
        command.addAll(options);
        command.add(main);
        command.addAll(List.of(arguments));
        return command;
    }

    /// Those whose names match one of `patterns`, in which `*` stands for anything; a pattern of its first word alone
    /// means all below it. All if there is no pattern.
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
            parts.stream().filter(part -> patterns.stream().anyMatch(pattern -> matches(part, pattern)))
                    .forEach(chosen::add);
        }
        return chosen;
    }

    private static boolean matches(Part part, String pattern) {
        String expression = ("\\Q" + pattern + "\\E").replace("*", "\\E.*\\Q");
        return Pattern.matches(expression + "(/.*)?", part.name());
    }

    /// Names of all parts, in order.
    public List<String> names() {
        return parts.stream().map(Part::name).toList();
    }
}
