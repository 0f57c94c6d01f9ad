package dev.lorikeet.bench.gpu;

import java.util.LinkedHashMap;
import java.util.Map;

/// The parts that are measured in this module, by the first word of their names.
public final class Measurements {
    private static final Map<String, Measurement> ALL = new LinkedHashMap<>();

    static {
        ALL.put("device", new DevicePart());
        ALL.put("ceilings", new CeilingPart());
        ALL.put("golden", new GoldenPart());
        ALL.put("step", new StepPart());
        ALL.put("kernels", new KernelPart());
        ALL.put("low-rank", new LowRankPart());
        ALL.put("random", new RandomPart());
    }

    private Measurements() {}

    /// Runs the part called `name`: what is behind its first slash is up to the part.
    ///
    /// @throws IllegalArgumentException if there is none
    /// @throws Exception                what the part throws
    public static void run(String name, PartSettings settings, Rows rows) throws Exception {
        String[] words = name.split("/", 2);
        Measurement measurement = ALL.get(words[0]);
        if (measurement == null) {
            throw new IllegalArgumentException("no part is called '%s'; there are %s".formatted(name, ALL.keySet()));
        }
        measurement.run(settings, words.length == 1 ? "" : words[1], rows);
    }
}
