package dev.lorikeet.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/// Collects the checks of a contract run, kernel by kernel.
final class Checks {
    private final BackendsUnderTest backends;
    private final Map<String, List<DynamicTest>> byKernel = new LinkedHashMap<>();

    Checks(BackendsUnderTest backends) {
        this.backends = backends;
    }

    interface ShapeCheck {
        void run(KernelTrial trial, Shape shape, Layout layout);
    }

    interface BetaCheck {
        void run(KernelTrial trial, Shape shape, Layout layout, double beta);
    }

    DType dtype() {
        return backends.dtype();
    }

    /// One check with a trial of its own.
    void add(String kernel, String what, Consumer<KernelTrial> check) {
        byKernel.computeIfAbsent(kernel, _ -> new ArrayList<>()).add(DynamicTest.dynamicTest(what, () -> {
            try (KernelTrial trial = new KernelTrial(backends, kernel + ", " + what)) {
                check.accept(trial);
            }
        }));
    }

    /// One check over many small shapes, with a trial for each.
    void addAll(String kernel, String what, List<Shape> shapes, BiConsumer<KernelTrial, Shape> check) {
        byKernel.computeIfAbsent(kernel, _ -> new ArrayList<>()).add(DynamicTest.dynamicTest(what, () -> {
            for (Shape shape : shapes) {
                try (KernelTrial trial = new KernelTrial(backends, "%s, %s %s".formatted(kernel, what, shape))) {
                    check.accept(trial, shape);
                }
            }
        }));
    }

    /// A check for each layout and shape.
    void each(String kernel, List<Shape> shapes, ShapeCheck check) {
        each(kernel, "", shapes, check);
    }

    void each(String kernel, String variant, List<Shape> shapes, ShapeCheck check) {
        for (Layout layout : Layout.values()) {
            for (Shape shape : shapes) {
                add(kernel, "%s %s%s".formatted(layout, shape, variant), trial -> check.run(trial, shape, layout));
            }
        }
    }

    /// A check for each layout and shape with beta 0, and with 0.5 over packed rows, 1 over strided ones.
    void eachBeta(String kernel, List<Shape> shapes, BetaCheck check) {
        eachBeta(kernel, "", shapes, check);
    }

    void eachBeta(String kernel, String variant, List<Shape> shapes, BetaCheck check) {
        each(kernel, " beta 0" + variant, shapes, (trial, shape, layout) -> check.run(trial, shape, layout, 0));
        each(kernel, " beta not 0" + variant, shapes,
                (trial, shape, layout) -> check.run(trial, shape, layout, layout == Layout.PACKED ? 0.5 : 1));
    }

    Stream<DynamicNode> nodes() {
        return byKernel.entrySet().stream()
                .map(kernel -> DynamicContainer.dynamicContainer(kernel.getKey(), kernel.getValue()));
    }
}
