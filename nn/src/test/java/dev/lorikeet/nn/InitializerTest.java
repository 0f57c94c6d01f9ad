package dev.lorikeet.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InitializerTest {
    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private double[] made(Initializer initializer, long seed, String path) {
        Tensor weight = engine.backend().allocate(DType.F64, Shape.of(100, 40));
        initializer.fill(engine.backend().kernels(), weight, Initializer.key(seed, path));
        return engine.numbers(weight);
    }

    /// Test vectors of FNV-1a, 64 bit: the empty text, "a" and "foobar" (Fowler, Noll and Vo's own list).
    @Test
    void the_stream_of_a_path_is_its_fnv_hash() {
        assertThat(Initializer.key(1, "").stream()).isEqualTo(0xcbf29ce484222325L);
        assertThat(Initializer.key(1, "a").stream()).isEqualTo(0xaf63dc4c8601ec8cL);
        assertThat(Initializer.key(1, "foobar").stream()).isEqualTo(0x85944171f73967e8L);
        assertThat(Initializer.key(1, "a").seed()).isEqualTo(1);
    }

    @Test
    void the_content_depends_on_seed_and_path_alone() {
        double[] first = made(Initializer.normal(1), 1, "h.0.weight");
        assertThat(made(Initializer.normal(1), 1, "h.0.weight")).isEqualTo(first);
        assertThat(made(Initializer.normal(1), 2, "h.0.weight")).isNotEqualTo(first);
        assertThat(made(Initializer.normal(1), 1, "h.1.weight")).isNotEqualTo(first);
    }

    @Test
    void constants_are_what_they_say() {
        assertThat(made(Initializer.zeros(), 1, "w")).containsOnly(0);
        assertThat(made(Initializer.ones(), 1, "w")).containsOnly(1);
    }

    @Test
    void normal_numbers_have_the_deviation() {
        double[] values = made(Initializer.normal(0.02), 1, "w");
        assertThat(Arrays.stream(values).average().orElseThrow()).isBetween(-0.002, 0.002);
        assertThat(Math.sqrt(Arrays.stream(values).map(x -> x * x).average().orElseThrow())).isBetween(0.019, 0.021);
    }

    /// `√3·gain/√fanIn` with `gain = √(2/(1 + a²))`, `a = √5`, is `1/√fanIn`.
    @Test
    void kaimings_uniform_fills_its_interval() {
        double limit = Math.sqrt(3) * Math.sqrt(2.0 / (1 + 5)) / Math.sqrt(40);
        double[] values = made(Initializer.kaimingUniform(40), 1, "w");
        assertThat(Arrays.stream(values).allMatch(x -> Math.abs(x) <= limit * (1 + 1e-15))).isTrue();
        assertThat(Arrays.stream(values).max().orElseThrow()).isGreaterThan(0.99 * limit);
        assertThat(Arrays.stream(values).min().orElseThrow()).isLessThan(-0.99 * limit);
    }
}
