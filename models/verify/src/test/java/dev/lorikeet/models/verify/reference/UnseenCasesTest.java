package dev.lorikeet.models.verify.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.verify.Verifier;
import dev.lorikeet.models.verify.golden.CaseReport;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/// Cases of other sizes, label counts and options than the golden ones, replayed by the engine. What they expect was
/// computed by [ReferenceModel] and [PeftReference], which share nothing with it.
final class UnseenCasesTest {
    @TempDir
    private static Path scratch;

    @BeforeAll
    static void bases() {
        NewBase.gpt2(scratch.resolve("gpt2"), 24, 3, 3, 40, 41, 12);
        NewBase.gpt2(scratch.resolve("gpt2-wide"), 40, 2, 1, 160, 67, 9);
        for (int labels : new int[] {0, 1, 2, 3, 5}) {
            NewBase.roberta(scratch.resolve("roberta-" + labels), 24, 3, 3, 36, 43, 14, labels);
        }
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/unseen-adapters.csv", delimiter = ';', numLinesToSkip = 1)
    void an_adapter_is_reproduced(String base, Batches.Padding padding, String options) {
        Path directory = scratch.resolve("case");
        CaseWriter.adapter(directory, base, options, batch(base, padding));

        assertReplayed(directory);
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/unseen-bases.csv", delimiter = ';', numLinesToSkip = 1)
    void a_base_is_reproduced(String base, Batches.Padding padding) {
        CaseWriter.base(scratch.resolve(base), batch(base, padding));

        assertReplayed(scratch.resolve(base));
    }

    private static PaddedBatch batch(String base, Batches.Padding padding) {
        int labels = base.matches("roberta-\\d") ? base.charAt(base.length() - 1) - '0' : 0;
        return Batches.of(ReferenceBase.read(scratch.resolve(base)), labels, padding);
    }

    private static void assertReplayed(Path directory) {
        for (String device : new String[] {"cpu", "scalar"}) {
            try (Backend backend = Backends.open(device)) {
                CaseReport report = new Verifier(backend).verify(directory);

                assertThat(report.passed()).as(report.table(false)).isTrue();
            }
        }
    }
}
