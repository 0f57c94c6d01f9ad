package dev.lorikeet.bench.peers.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.steps.ClassifierStep;
import dev.lorikeet.bench.steps.GlueLengths;
import dev.lorikeet.bench.steps.Padding;
import dev.lorikeet.bench.steps.TextLengths;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PaddedGlueSuiteTest {
    private static final RobertaConfig SMALL = new RobertaConfig(
            301, 66, 48, 3, 4, 96, UnaryFunction.GELU_ERF, 1e-5, 0.02, 0.1, 0.1, 0.1, 1, 1, true,
            RobertaConfig.Head.CLASSIFICATION, List.of("a", "b", "c"));

    private static TrainingData<LabelledBatch> batches() {
        int[] lengths = new SplittableRandom(3).ints(20, 3, 40).toArray();
        return GlueLengths.batches(SMALL, TextLengths.of(lengths), 4);
    }

    static Stream<Padding> paddings() {
        return Stream.of(Padding.LONGEST, Padding.to(45));
    }

    @ParameterizedTest
    @MethodSource("paddings")
    void ragged_and_padded_training_have_the_same_losses(Padding padding) {
        try (Contest contest = PaddedGlueSuite.contest(SMALL, 4, batches(), padding)) {
            for (int step = 0; step < 12; step++) {
                assertThat(contest.contenders().get(1).run()).as("step %d", step + 1)
                        .isCloseTo(contest.contenders().get(0).run(), within(1e-4));
            }
        }
    }

    /// What our own padded contender does is a padded step: libtorch without a mask has its losses.
    @Test
    void our_padded_step_is_that_of_libtorch_without_a_mask() {
        Padding padding = Padding.to(45);
        TrainingData<LabelledBatch> padded = step -> batches().window(step).stream()
                .map(batch -> padding.of(batch, SMALL.padTokenId())).toList();
        try (Backend backend = Backends.open("cpu");
                ClassifierStep ours = new ClassifierStep(backend, SMALL, 4, padded);
                TorchClassifierStep torch = new TorchClassifierStep(SMALL, ours.store(), ours.adapter(), false)) {
            for (int step = 0; step < 5; step++) {
                try (TorchTexts texts =
                        TorchTexts.padded(padded.window(step).getFirst(), SMALL, Padding.LONGEST)) {
                    assertThat(texts.mask()).isNull();
                    assertThat(texts.ids().size(1)).isEqualTo(45);
                    assertThat(torch.step(texts)).isCloseTo(ours.step().loss(), within(1e-4));
                }
            }
        }
    }
}
