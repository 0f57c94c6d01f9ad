package dev.lorikeet.bench.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GlueLengthsTest {
    private static final RobertaConfig SMALL = new RobertaConfig(
            301, 66, 48, 3, 4, 96, UnaryFunction.GELU_ERF, 1e-5, 0.02, 0.1, 0.1, 0.1, 1, 1, true,
            RobertaConfig.Head.CLASSIFICATION, List.of("a", "b"));

    @Test
    void an_epoch_of_batches_has_every_length_as_often_as_the_data() {
        TextLengths lengths = TextLengths.of(3, 9, 9, 5, 30, 4, 3, 12);
        TrainingData<LabelledBatch> batches = GlueLengths.batches(SMALL, lengths, 4);
        assertThat(IntStream.range(0, 2).mapToObj(step -> batches.window(step).getFirst().text().sequences())
                .flatMapToInt(texts -> IntStream.range(0, texts.count()).map(texts::length)))
                .containsExactlyInAnyOrder(3, 9, 9, 5, 30, 4, 3, 12);
        assertThat(batches.window(1).getFirst().text().ids()).isEqualTo(batches.window(1).getFirst().text().ids());
    }

    @Test
    void published_lengths_are_those_of_the_data_sets() {
        TextLengths phrases = TextLengths.published("sst-2");
        assertThat(phrases.size()).isEqualTo(67_349);
        assertThat(phrases.counts().firstKey()).isGreaterThanOrEqualTo(3);
        assertThat(TextLengths.published("mnli").cutTo(128).counts().lastKey()).isEqualTo(128);
        assertThatThrownBy(() -> TextLengths.published("wnli")).hasMessageContaining("wnli");
        assertThat(TextLengths.of(7, 3, 7)).hasToString(
                "3 texts, 5.7 tokens on average, half of them at most 7, the longest 7");
        assertThat(TextLengths.of(7, 3, 7).table()).isEqualTo("3 1\n7 2\n");
    }

    @Test
    void padding_fills_every_text_up() {
        LabelledBatch batch = LabelledBatch.of(List.of(new int[] {0, 7, 2}, new int[] {0, 2}), 1, 0);
        assertThat(Padding.LONGEST.of(batch, 1).text().ids()).containsExactly(0, 7, 2, 0, 2, 1);
        assertThat(Padding.to(4).of(batch, 1).text().ids()).containsExactly(0, 7, 2, 1, 0, 2, 1, 1);
        assertThat(Padding.to(4).of(batch, 1).labels()).containsExactly(1, 0);
        assertThatThrownBy(() -> Padding.to(2).of(batch, 1)).hasMessageContaining("3 tokens to 2");
    }

    /// One text alone is as long as the longest: padded or not, it is the same step.
    @Test
    void the_contenders_train_on_the_same_batches() {
        TrainingData<LabelledBatch> data = GlueLengths.batches(SMALL, TextLengths.of(12, 7, 9, 20), 1);
        try (Contest contest = GlueLengthsSuite.contest(SMALL, 4, data, List.of(Padding.LONGEST, Padding.to(25)))) {
            for (int step = 0; step < 6; step++) {
                double ragged = contest.contenders().get(0).run();
                assertThat(contest.contenders().get(1).run()).isEqualTo(ragged);
                assertThat(contest.contenders().get(2).run()).isNotEqualTo(ragged).isCloseTo(ragged, within(0.5));
            }
        }
    }
}
