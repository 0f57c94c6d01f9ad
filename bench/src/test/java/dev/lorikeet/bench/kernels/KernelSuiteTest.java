package dev.lorikeet.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KernelSuiteTest {
    static Stream<KernelCase> small() {
        return Stream.of(
                KernelCase.gelu(7, 33), KernelCase.geluBackward(7, 33), KernelCase.softmax(9, 50),
                KernelCase.layerNorm(5, 48), KernelCase.layerNormBackward(5, 48), KernelCase.dropout(6, 40),
                KernelCase.adam(4, 33), KernelCase.crossEntropy(6, 101), KernelCase.head(6, 20, 101),
                KernelCase.attention(2, 19, 3, 8), KernelCase.attentionBoth(2, 19, 3, 8));
    }

    private static float[] result(String device, KernelCase one) {
        try (Backend backend = Backends.open(device)) {
            Kernel kernel = one.create().apply(backend);
            kernel.run(backend.kernels());
            float[] numbers = kernel.result().storage().segment()
                    .asSlice(0, kernel.result().bytes())
                    .toArray(ValueLayout.JAVA_FLOAT);
            assertThat(KernelSuite.ours(backend, kernel).run()).isFinite();
            return numbers;
        }
    }

    @ParameterizedTest
    @MethodSource("small")
    void what_is_measured_is_what_the_scalar_backend_computes(KernelCase one) {
        float[] fast = result("cpu:2", one);
        float[] exact = result("scalar", one);
        assertThat(fast).hasSameSizeAs(exact);
        for (int i = 0; i < fast.length; i++) {
            assertThat((double) fast[i]).as(one.name()).isCloseTo(exact[i], within(1e-4 * (1 + Math.abs(exact[i]))));
        }
        assertThat(IntStream.range(0, fast.length).mapToObj(i -> fast[i]).distinct().count()).isGreaterThan(3);
    }

    @Test
    void the_probe_notices_a_changed_sign_and_a_changed_size() {
        try (Backend backend = Backends.open("cpu:1")) {
            Kernel.Map gelu = (Kernel.Map) KernelCase.gelu(8, 64).create().apply(backend);
            gelu.run(backend.kernels());
            double probe = Kernel.probe(gelu.y());
            backend.kernels().axpby(gelu.y(), 0, gelu.x(), -1);
            assertThat(Kernel.probe(gelu.y())).isNotCloseTo(probe, within(0.01));
            backend.kernels().axpby(gelu.y(), 0, gelu.x(), -1.01);
            assertThat(Kernel.probe(gelu.y())).isNotCloseTo(probe, within(1e-4));
        }
    }

    @Test
    void every_kernel_of_the_suite_is_named_once_and_knows_its_work() {
        assertThat(new KernelSuite().comparisons()).extracting(Comparison::name).doesNotHaveDuplicates();
        assertThat(new KernelSuite().comparisons()).allSatisfy(one -> assertThat(one.work().bytes()).isPositive());
    }

    @Test
    void a_comparison_of_the_suite_opens_with_ours_first() {
        Comparison adam = new KernelSuite().comparisons().stream()
                .filter(one -> one.name().equals("adamw 192x768"))
                .findFirst()
                .orElseThrow();
        try (Contest contest = adam.contest().get()) {
            assertThat(contest.contenders().getFirst().name()).isEqualTo("lorikeet");
            assertThat(contest.contenders().getFirst().run()).isFinite();
        }
    }
}
