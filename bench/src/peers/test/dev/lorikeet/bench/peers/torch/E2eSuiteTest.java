package dev.lorikeet.bench.peers.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.data.Example;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.train.ExampleWindows;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class E2eSuiteTest {
    private static Examples examples() {
        SplittableRandom random = new SplittableRandom(3);
        return Examples.of(IntStream.range(0, 20)
                .mapToObj(_ -> random.ints(random.nextInt(5, 40), 0, 301).toArray())
                .map(ids -> new Example(ids, ids.length / 2))
                .toList());
    }

    @Test
    void ragged_and_padded_training_have_the_same_losses() {
        for (ToIntFunction<TokenBatch> length : List.<ToIntFunction<TokenBatch>>of(
                batch -> batch.sequences().longest(), _ -> 45)) {
            try (Contest contest = E2eSuite.contest(
                    StepPairTest.SMALL, ExampleWindows.of(examples(), 4, 1, 7), length)) {
                for (int step = 0; step < 7; step++) {
                    assertThat(contest.contenders().get(1).run())
                            .isCloseTo(contest.contenders().get(0).run(), within(1e-4));
                }
            }
        }
    }

    @Test
    void without_the_data_the_suite_is_empty_and_says_why() {
        E2eSuite suite = new E2eSuite(E2eSlice.beside(Path.of("/nowhere/lorikeet/bench")));
        assertThat(suite.comparisons()).isEmpty();
        assertThat(suite.about()).isEqualTo("skipped: /nowhere/shared/data/e2e/train.txt.gz is missing");
    }

    @Test
    void batches_of_the_real_data_have_unlabelled_prompts() {
        E2eSlice slice = E2eSlice.beside(Path.of("").toAbsolutePath());
        assumeTrue(slice.missing().isEmpty(), () -> "missing: " + slice.missing().orElseThrow());
        TokenBatch batch = slice.windows().window(0).getFirst();
        assertThat(batch.sequences().count()).isEqualTo(E2eSlice.BATCH);
        assertThat(batch.labelled()).isBetween(batch.tokens() / 4, batch.tokens() * 3 / 4);
    }
}
