package dev.lorikeet.bench.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.nn.BaseDType;
import org.junit.jupiter.api.Test;

class DecodeBenchmarkTest {
    @Test
    void the_benchmark_generates_the_same_tokens_every_time() {
        DecodeBenchmark benchmark = new DecodeBenchmark();
        benchmark.model = "gpt2";
        benchmark.device = "cpu";
        benchmark.base = BaseDType.INT8;
        benchmark.build();
        try {
            assertThat(benchmark.prefill()).isEqualTo(1);
            int[] tokens = benchmark.generate();
            assertThat(tokens).hasSize(DecodeBenchmark.TOKENS + 1);
            assertThat(benchmark.generate()).isEqualTo(tokens);
        } finally {
            benchmark.report();
        }
    }
}
