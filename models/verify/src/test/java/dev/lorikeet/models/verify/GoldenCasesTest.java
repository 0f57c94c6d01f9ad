package dev.lorikeet.models.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.cuda.HostProvider;
import dev.lorikeet.models.Fixtures;
import dev.lorikeet.models.verify.golden.CaseReport;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every copied case, on the fast device, on the reference, and through the kernels of a GPU compiled for the host.
final class GoldenCasesTest {
    private static final String ON_HOST = "cuda-on-host";
    private static final List<String> CASES = List.of(
            "formats", "gpt2-loralib", "gpt2-peft-bias-all", "gpt2-peft-bias-loraonly", "gpt2-peft-dora",
            "gpt2-peft-embedding", "gpt2-peft-lora", "gpt2-peft-modulestosave", "gpt2-peft-rankpattern",
            "gpt2-peft-rslora", "gpt2-tiny", "loralib-layers", "ops-attention", "ops-elementwise", "ops-loss",
            "ops-matmul", "ops-norm", "ops-optim", "ops-positions", "roberta-loralib", "roberta-peft-dora",
            "roberta-peft-lora", "roberta-peft-regression", "roberta-tiny-mlm", "roberta-tiny-regression",
            "roberta-tiny-seqcls");

    static Stream<Arguments> cases() {
        return Stream.of("cpu", "scalar", ON_HOST)
                .flatMap(device -> CASES.stream().map(name -> Arguments.of(Fixtures.of(name), device)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_case_of_the_reference_libraries_is_reproduced(Path directory, String device) {
        assumeTrue(!device.equals(ON_HOST) || new HostProvider().refusal().isEmpty(), "needs g++ on the PATH");
        try (Backend backend = Backends.open(device)) {
            CaseReport report = new Verifier(backend).verify(directory);

            assertThat(report.passed()).as(report.table(false)).isTrue();
        }
    }
}
