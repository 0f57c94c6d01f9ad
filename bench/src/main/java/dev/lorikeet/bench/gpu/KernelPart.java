package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.bench.kernels.KernelRow;
import dev.lorikeet.bench.kernels.ModelKernels;
import dev.lorikeet.bench.kernels.OtherKernels;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Each of our kernels at the sizes of a real step, with what it must move and compute. After one that fails the device
/// is opened anew. A math mode rounds the inputs of products only, so the others are measured once.
final class KernelPart implements Measurement {
    /// Models with the sizes of a real step, and what is left.
    static final List<String> MODELS = List.of("gpt2", "gpt2-medium", "roberta-base", "others");
    /// Larger than any cache of a device.
    private static final double ROTATED_BYTES = 512e6;
    private static final int MOST_SETS = 40;
    private static final int FEWEST_SETS = 2;

    @Override
    public void run(PartSettings settings, String model, Rows rows) {
        List<KernelRow> all = rows(model, settings.size() == Size.TINY);
        for (String mode : settings.modes()) {
            boolean first = mode.equals(settings.modes().getFirst());
            List<KernelRow> cases = all.stream().filter(one -> one.products() || first).toList();
            for (int from = 0; from < cases.size();) {
                from = measure(settings, mode, cases, from, rows);
            }
        }
    }

    private static List<KernelRow> rows(String model, boolean tiny) {
        ModelKernels small = new ModelKernels(2, 9, 128, 2, 101, 4);
        return switch (model) {
            case "gpt2" -> (tiny ? small : new ModelKernels(8, 512, 768, 12, 50257, 4)).rows();
            case "gpt2-medium" -> (tiny ? small : new ModelKernels(8, 512, 1024, 16, 50257, 4)).rows();
            case "roberta-base" -> (tiny ? small : new ModelKernels(32, 128, 768, 12, 0, 8)).rows();
            case "others" -> new OtherKernels(tiny ? 6 : 4096, tiny ? 3 : 12).rows();
            default -> throw new IllegalArgumentException("no sizes of a model '%s' are known".formatted(model));
        };
    }

    /// Measures the cases from `from` on, until one fails.
    ///
    /// @return the first that was not tried
    private static int measure(PartSettings settings, String mode, List<KernelRow> cases, int from, Rows rows) {
        int next = from;
        try (Backend backend = Backends.open(settings.deviceIn(mode));
                Timing timing = new Timing(backend, settings)) {
            for (; next < cases.size(); next++) {
                KernelRow one = cases.get(next);
                rows.add(row(one, mode, timing.seconds(sets(backend, settings, one))));
            }
        } catch (RuntimeException e) {
            rows.note(e);
            String name = next < cases.size() ? cases.get(next).name() : "the end";
            rows.add("kernel", name, "mode", mode, "passed", false, "failure", e.toString());
            next++;
        }
        return next;
    }

    private static Map<String, Object> row(KernelRow one, String mode, Spread seconds) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kernel", one.name());
        row.put("mode", one.products() ? mode : "f32");
        row.put("seconds", seconds.median());
        row.put("seconds, quartiles", List.of(seconds.low(), seconds.high()));
        row.put("bytes", one.work().bytes());
        row.put("flops", one.work().flops());
        row.put("GB/s", one.work().bytes() / seconds.median() / 1e9);
        row.put("TFLOP/s", one.work().flops() / seconds.median() / 1e12);
        return row;
    }

    private static List<Runnable> sets(Backend backend, PartSettings settings, KernelRow one) {
        double wanted = settings.of(0.0, ROTATED_BYTES, ROTATED_BYTES) / one.work().bytes();
        int sets = (int) Math.clamp(Math.ceil(wanted), FEWEST_SETS, MOST_SETS);
        List<Runnable> calls = new ArrayList<>();
        try {
            for (int i = 0; i < sets; i++) {
                calls.add(one.create().apply(backend));
            }
        } catch (OutOfDeviceMemory full) {
            if (calls.size() < FEWEST_SETS) {
                throw full;
            }
        }
        return calls;
    }
}
